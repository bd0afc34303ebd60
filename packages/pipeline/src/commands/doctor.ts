import { EtlError, EXIT_CODES } from "@spacex-etl/contracts";
import type { PipelineConfig } from "../config/index.ts";
import { type CommandIo, openSession, type Session } from "../session/session.ts";
import type { CommandReport } from "../summary/index.ts";
import { findDbt } from "../transform/executable.ts";
import { findProject } from "../transform/project.ts";
import { type Check, failed, passed } from "./check.ts";
import { probeLake } from "./probe-lake.ts";
import { probeWarehouse } from "./probe-warehouse.ts";

/** Who asks wants an answer soon: a bucket that does not answer is tried again for so long, not for minutes. */
const LAKE_DEADLINE_MS = 10_000;

/** Tries everything that a run needs. Exit code of the first check that fails; at most one probe object is written. */
export async function doctor(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  await using session = await openSession(config, io, { lakeDeadlineMs: LAKE_DEADLINE_MS });
  const checks: Check[] = [];
  for (const [name, work] of CHECKS) {
    io.signal?.throwIfAborted();
    if (name === "dbt" && !config.transform) continue;
    try {
      const found = await work(session);
      checks.push(...(typeof found === "string" ? [passed(name, found)] : found));
    } catch (error) {
      io.signal?.throwIfAborted();
      checks.push(failed(name, error));
    }
  }
  const exitCode = checks.find(({ ok }) => !ok)?.exitCode ?? EXIT_CODES.ok.exitCode;
  const width = Math.max(10, ...checks.map(({ name }) => name.length));
  return {
    lines: checks.flatMap(({ name, ok, detail, hint }) => [
      `${ok ? "✔" : "✖"} ${name.padEnd(width)} ${detail}`,
      ...(hint === undefined ? [] : [`  ${" ".repeat(width)} ${hint}`]),
    ]),
    document: { checks, exitCode },
    exitCode,
  };
}

/** What each finds out: a sentence, or checks of its own. */
const CHECKS: readonly (readonly [string, (session: Session) => Promise<string | readonly Check[]>])[] = [
  ["node", async () => nodeVersion()],
  ["settings", async ({ config }) => describeSettings(config)],
  ["source", probeSource],
  ["lake", ({ store, signal }) => probeLake(store, signal)],
  ["warehouse", probeWarehouse],
  [
    "dbt",
    async ({ config }) =>
      `${findDbt(config.dbt.executable, config.warehouse.kind)}, project ${findProject(config.dbt.projectDirectory)}`,
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
