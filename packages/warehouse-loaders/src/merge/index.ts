export { applyLoad, type ApplySettings, type LoadResult } from "./apply.ts";
export { loadScript } from "./build-script.ts";
export { type LoadScript, type StageScript, statementsOf } from "./load-script.ts";
export type { CheckedStage, CountedTable, MergeSql } from "./merge-sql.ts";
export { type ReadState, readState } from "./read-state.ts";
export { reconcileStages } from "./reconcile.ts";
export { count, type Row, type Session, text } from "./session.ts";
export { readTransformState } from "./transform-state.ts";
