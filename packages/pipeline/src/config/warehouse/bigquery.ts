import {
  addressError,
  decoded,
  matching,
  pairs,
  type Readers,
  readParameters,
  server,
  splitAddress,
} from "./address.ts";
import type { BigQueryWarehouse } from "./warehouse-location.ts";

type Parameters = Pick<
  BigQueryWarehouse,
  | "location"
  | "endpoint"
  | "jobProject"
  | "kmsKey"
  | "impersonate"
  | "maximumBytesBilled"
  | "labels"
  | "partitionBy"
>;

const FORM = "bigquery://project/dataset?location=EU";
const SECRETS =
  "An address takes no secret: credentials are found by the SDK itself (GOOGLE_APPLICATION_CREDENTIALS, gcloud, the machine's service account).";

/** Also `example.com:project`, of domains. As the loader reads it. */
const PROJECT = /^(?:[a-z0-9][a-z0-9.-]*:)?[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
/** https://cloud.google.com/bigquery/docs/datasets#dataset-naming */
const DATASET = /^\w{1,1024}$/;
/** https://cloud.google.com/bigquery/docs/labels-intro#requirements */
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
/** Of 64; the rest is for labels of our own. */
const MAX_LABELS = 60;
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,299}$/;

const READERS: Readers<Parameters> = {
  location: (value, name) => {
    const spelled = /^[a-z]{2}$/i.test(value) ? value.toUpperCase() : value.toLowerCase();
    return matching(/^(?:[A-Z]{2}|[a-z]+-[a-z0-9-]*[a-z0-9])$/, "EU, US or a region like europe-west3")(
      spelled,
      name,
    );
  },
  endpoint: server,
  jobProject: matching(PROJECT, "a project id"),
  kmsKey: matching(
    /^projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[^/\s]+\/cryptoKeys\/[^/\s]+$/,
    "projects/P/locations/L/keyRings/R/cryptoKeys/K",
  ),
  impersonate: matching(
    /^[a-z0-9][a-z0-9.-]*@[a-z0-9.-]+\.gserviceaccount\.com$/,
    "the address of a service account, like loader@project.iam.gserviceaccount.com",
  ),
  maximumBytesBilled: (value, name) => {
    const bytes = /^[1-9]\d*$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isSafeInteger(bytes)) return bytes;
    throw addressError(
      `the parameter ${name} must be a whole number of bytes from 1`,
      "As in 10000000000 for 10 GB.",
    );
  },
  labels: (value, name) => {
    const labels = pairs({ pattern: LABEL_KEY, what: "key" }, { pattern: LABEL_VALUE, what: "value" })(
      value,
      name,
    );
    if (Object.keys(labels).length <= MAX_LABELS) return labels;
    throw addressError(
      `the parameter ${name} has more than ${MAX_LABELS} labels`,
      "BigQuery takes 64, some of them are ours.",
    );
  },
  partitionBy: pairs({ pattern: IDENTIFIER, what: "table" }, { pattern: IDENTIFIER, what: "column" }),
};

/** @param rest what follows `bigquery:` */
export function bigqueryWarehouse(rest: string, text: string): BigQueryWarehouse {
  const { userinfo, authority, path, query } = splitAddress(rest, FORM);
  if (userinfo !== undefined || path.includes("@"))
    throw addressError("it holds a user name or password, which would end up in logs", SECRETS);
  const project = decoded(authority, "the project");
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  const [dataset, another] = segments.map((segment) => decoded(segment, "the dataset"));
  if (!PROJECT.test(project))
    throw addressError(
      "it begins with no project id",
      `a–z, 0–9 and -, first a letter. The form is ${FORM}.`,
    );
  if (dataset === undefined) throw addressError("it names no dataset", `Write ${FORM}.`);
  if (another !== undefined)
    throw addressError(
      "it names more than a project and a dataset",
      `The tables' names are given. Write ${FORM}.`,
    );
  if (!DATASET.test(dataset))
    throw addressError(
      "the name of its dataset has other characters than a–z, A–Z, 0–9 and _",
      dataset.includes("-")
        ? "Names of datasets have _ where names of projects have -."
        : `The form is ${FORM}.`,
    );
  const { location, ...parameters } = readParameters(query, READERS, SECRETS);
  if (location === undefined)
    throw addressError(
      "it names no location",
      "Add ?location=EU, or US, or a region: where the dataset is, or is to be made.",
    );
  if (parameters.impersonate !== undefined && parameters.endpoint?.startsWith("http:") === true)
    throw addressError(
      "the parameters impersonate and endpoint contradict each other: over plain http no credentials are sent",
      "Leave out impersonate, or give an https endpoint.",
    );
  const display = `bigquery://${project}/${dataset}`;
  return { kind: "bigquery", project, dataset, location, ...parameters, url: text, display };
}
