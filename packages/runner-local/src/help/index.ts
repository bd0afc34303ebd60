export { renderHelp } from "./help.ts";
