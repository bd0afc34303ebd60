export { type Counted, type Fault, FAULT_PROFILES, type FaultKind, type FaultProfile } from "./fault.ts";
export { createInjector, type FaultInjector, type ListVariant, type Verdict } from "./injector.ts";
export { parseFaults } from "./parse-faults.ts";
