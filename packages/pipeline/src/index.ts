export * from "./config/index.ts";
export * from "./summary/index.ts";
export { extract, load, normalize, run, transform } from "./run/run.ts";
export { doctor } from "./commands/doctor.ts";
export { files } from "./commands/files.ts";
export { gc } from "./commands/gc.ts";
export { plan } from "./commands/plan.ts";
export { verify } from "./commands/verify.ts";
export type { CommandIo } from "./session/session.ts";
