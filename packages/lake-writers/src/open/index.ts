export {
  type FileLakeLocation,
  type GcsLakeLocation,
  type LakeLocation,
  parseLakeUrl,
  type S3LakeLocation,
} from "./location.ts";
export {
  openLake,
  type OpenBucketOptions,
  type OpenGcsOptions,
  type OpenLakeOptions,
  type OpenS3Options,
} from "./open-lake.ts";
export type { GcsParameters, S3Parameters } from "./parameters.ts";
