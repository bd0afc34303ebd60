export { type CommandIo, simulateCommand, simulateUsage } from "./simulate-command.ts";
