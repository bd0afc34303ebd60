export {
  compare,
  type Comparison,
  type ComparisonResult,
  type Goal,
  ratioText,
  type Side,
} from "./compare.ts";
export { measureNode, type Measurement, type MeasureOptions } from "./measure.ts";
export { startSnapshotApi, startSyntheticApi, type SyntheticApi } from "./synthetic-api.ts";
