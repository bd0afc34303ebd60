export { createDisplay } from "./display.ts";
export type { Display } from "./display-port.ts";
export { createLiveView } from "./live-view.ts";
export { createPlainLines } from "./plain-lines.ts";
