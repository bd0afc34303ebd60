export {
  type LoadDecision,
  type LoadPlan,
  type LoadStatement,
  type LoadWarning,
  type PlannedCollection,
  plannedTables,
  type PlannedTable,
  type TableAction,
} from "./load-plan.ts";
export { type LoadedTable, type LoadReport, reportWithoutLoad, untouched } from "./load-report.ts";
export {
  type LoadCollection,
  type LoadPart,
  type LoadRequest,
  type LoadTable,
  validateRequest,
} from "./load-request.ts";
export { type LakeFiles, requestOfRun, type RunTables } from "./request-of-run.ts";
export { abortError, loadRun, throwIfAborted } from "./load-run.ts";
export type { LoadContext, Loader, StagedLoad, TransformEntry, TransformState } from "./loader.ts";
