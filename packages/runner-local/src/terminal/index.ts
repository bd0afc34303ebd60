export { formatBytes, formatCount, formatDuration, plural } from "./numbers.ts";
export { type Environment, isSet, type OutputStream } from "./output-stream.ts";
export { createStyle, type Marks, type Paint, type Style, styleFor } from "./style.ts";
export { renderTable, type TableColumn } from "./table.ts";
export { fit, oneLine, widthOf, wrap } from "./text.ts";
