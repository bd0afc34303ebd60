export { redshiftLoader } from "./redshift-loader.ts";
export type {
  Distribution,
  ManifestStore,
  RedshiftClient,
  RedshiftCredentials,
  RedshiftLoaderOptions,
  RedshiftSsl,
} from "./options.ts";
