import { createHash, randomBytes } from "node:crypto";
import { EtlError, EXIT_CODES, toEtlError } from "@spacex-etl/contracts";
import { verifyObject } from "@spacex-etl/lake-writers";
import type { PipelineConfig } from "../config/index.ts";
import { type CommandIo, openSession, type Session } from "../session/session.ts";
import type { CommandReport } from "../summary/index.ts";
import { findDbt } from "../transform/executable.ts";
import { findProject } from "../transform/project.ts";

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint?: string | undefined;
  readonly exitCode: number;
}

/** Tries everything that a run needs. Exit code of the first check that fails; at most one probe object is written. */
export async function doctor(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  await using session = openSession(config, io);
  const checks: Check[] = [];
  for (const [name, work] of CHECKS) {
    io.signal?.throwIfAborted();
    if (name === "dbt" && !config.transform) continue;
    try {
      checks.push({ name, ok: true, detail: await work(session), exitCode: 0 });
    } catch (error) {
      const { message, hint, exitCode } = toEtlError(error);
      checks.push({ name, ok: false, detail: message, hint, exitCode });
    }
  }
  const exitCode = checks.find(({ ok }) => !ok)?.exitCode ?? EXIT_CODES.ok.exitCode;
  return {
    lines: checks.flatMap(({ name, ok, detail, hint }) => [
      `${ok ? "✔" : "✖"} ${name.padEnd(10)} ${detail}`,
      ...(hint === undefined ? [] : [`  ${" ".repeat(10)} ${hint}`]),
    ]),
    document: { checks, exitCode },
    exitCode,
  };
}

const CHECKS: readonly (readonly [string, (session: Session) => Promise<string>])[] = [
  ["node", async () => nodeVersion()],
  ["settings", async ({ config }) => describeSettings(config)],
  ["source", probeSource],
  ["lake", probeLake],
  ["warehouse", probeWarehouse],
  [
    "dbt",
    async ({ config }) =>
      `${findDbt(config.dbt.executable)}, project ${findProject(config.dbt.projectDirectory)}`,
  ],
];

/** Below this, node:zlib has no zstd and TypeScript sources do not run. */
const MINIMUM_NODE = [22, 18] as const;

function nodeVersion(): string {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [needMajor, needMinor] = MINIMUM_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return process.version;
  throw new EtlError({
    kind: "usage",
    code: "NODE_TOO_OLD",
    message: `Node ${process.version} is too old.`,
    hint: `Install Node ${needMajor}.${needMinor} or newer.`,
  });
}

function describeSettings({ source, origin, collections }: PipelineConfig): string {
  const given = Object.entries(origin).filter(([, from]) => from !== "default");
  const list =
    given.length === 0 ? "all defaults" : given.map(([name, from]) => `${name} (${from})`).join(", ");
  return `source ${source}, ${collections.length} collections; ${list}`;
}

async function probeSource(session: Session): Promise<string> {
  const { client, description } = await session.api();
  const { name } = await client.company.get({ signal: session.signal });
  return `${description} answers${name === undefined || name === null ? "" : ` as ${name}`}`;
}

async function probeLake({ store, signal }: Session): Promise<string> {
  const body = randomBytes(16);
  const path = `probes/${body.toString("hex")}`;
  const expected = { path, bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
  await store.createIfAbsent(path, body, { signal });
  try {
    if ((await store.createIfAbsent(path, new Uint8Array(1), { signal })) !== "exists") {
      throw new EtlError({
        kind: "destination",
        code: "LAKE_OVERWRITES",
        retryable: false,
        message: `${store.url} created an object that was there already; a lake must not.`,
        hint: "Use a store that honours conditional creation.",
      });
    }
    await verifyObject(store, expected, signal);
    let listed = 0;
    for await (const _ of store.list(path)) listed++;
    if (listed !== 1) {
      throw new EtlError({
        kind: "destination",
        code: "LAKE_LISTING",
        message: `${store.url} does not list an object that it just created.`,
        hint: "Use a store that lists what it has.",
      });
    }
  } finally {
    await store.delete(path);
  }
  return `${store.url}: create, refuse to overwrite, read, list and delete work`;
}

async function probeWarehouse(session: Session): Promise<string> {
  const loader = await session.loader();
  await loader.check({ signal: session.signal });
  return `${loader.engine} ${loader.location} can be opened`;
}
