export { createDisplay, type Display } from "./display.ts";
export { createLiveView } from "./live-view.ts";
export { createPlainLines } from "./plain-lines.ts";
