import { EtlError } from "@spacex-etl/contracts";
import type { Distribution, ManifestStore, RedshiftLoaderOptions } from "./options.ts";
import { identifier, MAX_VARCHAR_BYTES } from "./sql/index.ts";

/** The options that were checked, with their defaults. */
export interface RedshiftSettings {
  readonly schema: string;
  /** ARNs with commas, or `default`. */
  readonly iamRole: string;
  readonly manifests: ManifestStore;
  readonly distribution: Readonly<Record<string, Distribution>>;
  readonly sortKeys: Readonly<Record<string, readonly string[]>>;
  readonly varcharBytes: Readonly<Record<string, number>>;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly conflictPauseMs: number;
  readonly port: number;
  /** For people, without secrets. */
  readonly location: string;
  readonly now: () => Date;
}

const ARN = /^arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;
const DEFAULT_PORT = 5439;
const STYLES: ReadonlySet<string> = new Set(["auto", "even", "all"]);
/** A day: the longest that a load of this kind is believed to be of use. */
const MAX_TIMEOUT_MS = 86_400_000;

/** @throws EtlError LOADER_OPTIONS of kind `usage` that names the option */
export function settingsOf(options: RedshiftLoaderOptions): RedshiftSettings {
  const { schema = "raw", manifests, distribution = {}, sortKeys = {}, varcharBytes = {} } = options;
  identifier(schema);
  assertConnection(options);
  if (!/^s3:\/\/[^/]+(?:\/.*[^/])?$/.test(manifests.url))
    throw optionError(
      "manifests",
      `lie in ${manifests.url}`,
      "COPY reads manifests from S3: give an s3Store, best that of the lake.",
    );
  for (const [name, bytes] of Object.entries(varcharBytes)) {
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > MAX_VARCHAR_BYTES)
      throw optionError(
        "varcharBytes",
        `says ${bytes} for ${name}`,
        `Give whole bytes from 1 to ${MAX_VARCHAR_BYTES}.`,
      );
  }
  for (const columns of Object.values(sortKeys)) columns.forEach(identifier);
  for (const [table, style] of Object.entries(distribution)) {
    if (typeof style === "object") identifier(style.key);
    else if (!STYLES.has(style))
      throw optionError(
        "distribution",
        `says ${JSON.stringify(style)} for ${table}`,
        'Give "auto", "even", "all" or { key: column }.',
      );
  }
  return {
    schema,
    iamRole: roleOf(options.iamRole),
    manifests,
    distribution,
    sortKeys,
    varcharBytes,
    statementTimeoutMs: milliseconds("statementTimeoutMs", options.statementTimeoutMs ?? 3_600_000),
    connectTimeoutMs: milliseconds("connectTimeoutMs", options.connectTimeoutMs ?? 15_000),
    conflictPauseMs: milliseconds("conflictPauseMs", options.conflictPauseMs ?? 1000),
    port: portOf(options.port ?? DEFAULT_PORT),
    location: locationOf(options, schema),
    now: options.now ?? (() => new Date()),
  };
}

function assertConnection(options: RedshiftLoaderOptions): void {
  if (options.client !== undefined) {
    const extra = (["host", "user", "password", "credentials", "ssl", "ca"] as const).find(
      (name) => options[name] !== undefined,
    );
    if (extra !== undefined)
      throw optionError(extra, "belongs to a connection of the loader's own", "Leave it out, or the client.");
    return;
  }
  for (const name of ["host", "database"] as const)
    if (options[name] === "") throw optionError(name, "is empty", "Name it.");
  if (options.credentials === undefined && (options.user === "" || options.password === ""))
    throw optionError(
      options.user === "" ? "user" : "password",
      "is empty",
      "Give user and password, or `credentials` for those of IAM.",
    );
  if (options.ca !== undefined && (options.ssl ?? "verify-full") !== "verify-full")
    throw optionError("ca", `is of no use with ssl: "${options.ssl}"`, "Leave out one of them.");
}

function roleOf(given: string | readonly string[]): string {
  if (given === "default") return given;
  // A comma may stand in a role's name, but none is followed by "arn:" there.
  const roles = typeof given === "string" ? given.split(/,(?=arn:)/) : given;
  const wrong = roles.find((role) => !ARN.test(role));
  if (wrong === undefined && roles.length > 0) return roles.join(",");
  throw optionError(
    "iamRole",
    roles.length === 0 ? "is empty" : `is ${JSON.stringify(wrong)}`,
    "Give the ARN of a role like arn:aws:iam::123456789012:role/load, or default.",
  );
}

function milliseconds(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_TIMEOUT_MS) return value;
  throw optionError(name, `is ${value}`, `Give whole milliseconds from 1 to ${MAX_TIMEOUT_MS}.`);
}

function portOf(port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw optionError("port", `is ${port}`, `Redshift's own is ${DEFAULT_PORT}.`);
}

function locationOf(options: RedshiftLoaderOptions, schema: string): string {
  if (options.client !== undefined) return `redshift (your connection, schema ${schema})`;
  const user = options.user === undefined ? "" : `${encodeURIComponent(options.user)}@`;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return `redshift://${user}${host}:${options.port ?? DEFAULT_PORT}/${encodeURIComponent(options.database)}?schema=${schema}`;
}

function optionError(option: string, problem: string, hint: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: "LOADER_OPTIONS",
    message: `redshiftLoader: ${option} ${problem}.`,
    hint,
  });
}
