import { resolve } from "node:path";
import {
  addressError,
  decoded,
  matching,
  oneOf,
  type Readers,
  readParameters,
  splitAddress,
} from "./address.ts";
import { iamOf, type IamParameters, iamQuery, iamReaders } from "./redshift-iam.ts";
import type { RedshiftIam, RedshiftWarehouse } from "./warehouse-location.ts";

type Parameters = Pick<RedshiftWarehouse, "schema" | "iamRole" | "sslmode" | "ca"> & IamParameters;

const FORM = "redshift://user@host:5439/database?schema=raw&iamRole=arn:aws:iam::…:role/…";
const DEFAULT_PORT = 5439;
const DEFAULT_SCHEMA = "raw";

/** The variable that holds the password. */
export const PASSWORD_VARIABLE = "REDSHIFT_PASSWORD";
const SECRETS = `An address takes no secret: set ${PASSWORD_VARIABLE}.`;

/** What to do where there is no password. */
export const PASSWORD_HINT = `Set the environment variable ${PASSWORD_VARIABLE}, or add &iam=true to the warehouse's address: IAM then gives temporary credentials.`;

/** https://docs.aws.amazon.com/redshift/latest/dg/r_names.html: 127 bytes. */
const MAX_NAME_BYTES = 127;
const ROLE = String.raw`arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/[\w+=,.@\/-]{1,576}`;

function readersFor(cwd: string): Readers<Parameters> {
  return {
    schema: (value, name) => {
      const schema = nameOf(value, `the parameter ${name}`);
      if (schema === schema.toLowerCase()) return schema;
      throw addressError(
        `the parameter ${name} has capital letters`,
        "Redshift folds names to lower case: write it so.",
      );
    },
    iamRole: matching(
      // Of several each is assumed by the one before it.
      new RegExp(`^(?:default|${ROLE}(?:,${ROLE})*)$`),
      "the ARN of a role like arn:aws:iam::123456789012:role/load, or default",
    ),
    sslmode: oneOf("verify-full", "require", "disable"),
    ca: (value) => resolve(cwd, value),
    ...iamReaders,
  };
}

/** @param rest what follows `redshift:` */
export function redshiftWarehouse(
  rest: string,
  options: {
    readonly cwd: string;
    readonly password: () => string | undefined;
    readonly region: string | undefined;
  },
): RedshiftWarehouse {
  const { userinfo, authority, path, query } = splitAddress(rest, FORM);
  if (userinfo?.includes(":") === true || path.includes("@"))
    throw addressError(
      "it holds a password, which would end up in logs",
      `Leave it out, and set ${PASSWORD_VARIABLE}. A colon in a user's name is written %3A, as in IAM%3Auser.`,
    );
  const { host, port, server } = hostAndPort(authority);
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  const [first, another] = segments;
  if (first === undefined) throw addressError("it names no database", `Write ${FORM}.`);
  if (another !== undefined)
    throw addressError("it names more than a database", "The schema is a parameter: ?schema=raw.");
  const database = nameOf(decoded(first, "the database"), "the database");
  const found = readParameters(query, readersFor(options.cwd), SECRETS);
  const iam = iamOf(found, host, options.region);
  const user = userOf(userinfo ?? "", iam);
  const { schema = DEFAULT_SCHEMA, iamRole, sslmode = "verify-full", ca } = found;
  if (iamRole === undefined)
    throw addressError(
      "it names no role by which Redshift may read the lake",
      "Add &iamRole=arn:aws:iam::123456789012:role/name, or &iamRole=default for the cluster's default role.",
    );
  if (ca !== undefined && sslmode !== "verify-full")
    throw addressError(
      `the parameters ca and sslmode=${sslmode} contradict each other`,
      "Leave out one of them.",
    );
  const place = `redshift://${user === "" ? "" : `${encodeURIComponent(user)}@`}${server}/${encodeURIComponent(database)}`;
  return {
    kind: "redshift",
    host,
    port,
    user,
    database,
    schema,
    iamRole,
    sslmode,
    ...(ca === undefined ? {} : { ca }),
    ...(iam === undefined ? {} : { iam }),
    password: options.password,
    url: `${place}?${queryOf({ schema, iamRole, sslmode: found.sslmode, ca, ...iamQuery(iam, host) })}`,
    display: `${place}?${queryOf({ schema })}`,
  };
}

function userOf(userinfo: string, iam: RedshiftIam | undefined): string {
  if (userinfo === "" && iam?.kind === "workgroup") return "";
  if (userinfo === "")
    throw addressError("it names no user", `Write ${FORM}; the password is taken from ${PASSWORD_VARIABLE}.`);
  const user = nameOf(decoded(userinfo, "the user"), "the user");
  if (iam?.kind === "cluster" && /^IAMA?:/i.test(user))
    throw addressError(
      "its user begins with IAM: although iam=true is there",
      "Name the user of the database alone; IAM adds this by itself.",
    );
  return user;
}

function nameOf(text: string, what: string): string {
  // eslint-disable-next-line no-control-regex
  if (text.trim() === "" || /[\u0000-\u001f\u007f]/.test(text))
    throw addressError(`${what} is no name`, `The form is ${FORM}.`);
  if (Buffer.byteLength(text) <= MAX_NAME_BYTES) return text;
  throw addressError(`${what} has more than ${MAX_NAME_BYTES} bytes`, "Redshift has no longer names.");
}

/** `server` is both as in an address, the port where one was given. */
function hostAndPort(authority: string): {
  readonly host: string;
  readonly port: number;
  readonly server: string;
} {
  const [, brackets, plain, after] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::(.*))?$/is.exec(authority) ?? [];
  const host = (brackets ?? plain)?.toLowerCase();
  if (host === undefined) throw addressError("it names no host", `Write ${FORM}.`);
  const shown = plain === undefined ? `[${host}]` : host;
  if (after === undefined) return { host, port: DEFAULT_PORT, server: shown };
  const port = /^\d{1,5}$/.test(after) ? Number(after) : Number.NaN;
  if (port >= 1 && port <= 65_535) return { host, port, server: `${shown}:${port}` };
  throw addressError("its port is no number from 1 to 65535", `Redshift's own is ${DEFAULT_PORT}.`);
}

/** As short as it stays readable: nothing is encoded that ends no value. */
function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parameters)
    .flatMap(([name, value]) =>
      value === undefined
        ? []
        : [`${name}=${value.replace(/[%&#+\s]/g, (found) => encodeURIComponent(found))}`],
    )
    .join("&");
}
