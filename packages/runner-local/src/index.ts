export type { CommandIo, Commands, LineIo, ReportCommand, StepCommand } from "./commands.ts";
export { main, type MainOptions } from "./main.ts";
export { type ProcessOptions, runProcess } from "./run-process.ts";
export type { Environment, OutputStream } from "./terminal/index.ts";
