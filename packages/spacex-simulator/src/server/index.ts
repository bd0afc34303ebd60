export {
  type RequestLogEntry,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from "./start-simulator.ts";
