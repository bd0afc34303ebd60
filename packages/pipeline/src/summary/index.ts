export type { CommandReport } from "./command-report.ts";
export {
  type CollectionSummary,
  type ErrorSummary,
  type Highlights,
  type RunReport,
  type RunSummary,
  runSummarySchema,
  type TableSummary,
  type TransformSummary,
} from "./run-summary.ts";
