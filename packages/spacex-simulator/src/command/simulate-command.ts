import { parseArgs } from "node:util";
import { EtlError } from "@spacex-etl/contracts";
import { directoryData, embeddedSnapshot, type SimulatorData } from "../data/index.ts";
import { type Fault, FAULT_PROFILES, parseFaults } from "../faults/index.ts";
import { startSimulator } from "../server/index.ts";
import { syntheticData } from "../synthetic/index.ts";

/** What a command needs of its process. */
export interface CommandIo {
  /** One line, without its end. */
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  /** Ends the command. */
  readonly signal: AbortSignal;
}

interface SimulateFlags {
  readonly port: number;
  readonly source: "embedded" | { readonly folder: string } | { readonly records: number };
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly etags: boolean;
}

/** The text of `simulate --help`. */
export function simulateUsage(): string {
  const width = Math.max(...FAULT_PROFILES.map(({ usage }) => usage.length)) + 2;
  const profiles = FAULT_PROFILES.map(({ usage, description }) => `    ${usage.padEnd(width)}${description}`);
  return [
    "Serves the SpaceX REST API on this machine until it is interrupted.",
    "",
    "  --port N           port to listen on; 0, the default, is any free one",
    "  --data DIR         serve the files <collection>.json of a folder, byte for byte",
    "  --synthetic N      serve N made-up launches, payloads and satellites each",
    "                     (without either: the embedded snapshot)",
    "  --seed S           seed of the made-up records and of the faults (1)",
    "  --fault P[,P...]   what goes wrong, see below",
    "  --no-etag          send no ETag and ignore If-None-Match",
    "  --help             this text",
    "",
    "  Faults, counted for each route on its own. COUNT is 1 unless given; :all never ends.",
    ...profiles,
  ].join("\n");
}

/**
 * The command `simulate`: starts a simulator, prints its address as the one line of stdout, and serves until the signal
 * is aborted. Resolves to the exit code 0.
 *
 * @param argv the arguments after the command's name.
 * @throws EtlError of kind `usage` (exit code 2) for bad flags, a bad folder and a port that cannot be had.
 */
export async function simulateCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const flags = parseFlags(argv);
  if (flags === "help") {
    for (const line of simulateUsage().split("\n")) io.stdout(line);
    return 0;
  }
  const data = await dataOf(flags);
  if (io.signal.aborted) return 0;
  await using simulator = await startSimulator({
    data,
    port: flags.port,
    faults: flags.faults,
    etags: flags.etags,
    seed: flags.seed,
  });
  const aborted = new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    else io.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  io.stdout(simulator.url);
  io.stderr(`Serving ${data.description}. Interrupt to stop.`);
  await aborted;
  return 0;
}

function parseFlags(argv: readonly string[]): SimulateFlags | "help" {
  const values = parseValues(argv);
  if (values.help === true) return "help";
  const { data, synthetic } = values;
  if (data !== undefined && synthetic !== undefined) {
    throw usage("FLAGS_CONTRADICT", "--data and --synthetic exclude each other.");
  }
  return {
    port: wholeNumber("--port", values.port ?? "0", 65_535),
    source:
      data !== undefined
        ? { folder: data }
        : synthetic !== undefined
          ? { records: wholeNumber("--synthetic", synthetic, Number.MAX_SAFE_INTEGER) }
          : "embedded",
    seed: wholeNumber("--seed", values.seed ?? "1", 2 ** 32 - 1),
    faults: (values.fault ?? []).flatMap(parseFaults),
    etags: values["no-etag"] !== true,
  };
}

function parseValues(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        port: { type: "string" },
        data: { type: "string" },
        synthetic: { type: "string" },
        seed: { type: "string" },
        fault: { type: "string", multiple: true },
        "no-etag": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (cause) {
    const message =
      cause instanceof Error ? (cause.message.split(". ", 1)[0] ?? cause.message) : String(cause);
    throw usage("FLAG_UNKNOWN", `${message.replace(/\.$/, "")}.`, cause);
  }
}

function wholeNumber(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw usage("FLAG_VALUE", `${flag} needs a whole number from 0 to ${most}, not ${JSON.stringify(text)}.`);
}

async function dataOf(flags: SimulateFlags): Promise<SimulatorData> {
  const { source, seed } = flags;
  if (source === "embedded") return embeddedSnapshot();
  return "folder" in source ? directoryData(source.folder) : syntheticData({ records: source.records, seed });
}

function usage(code: string, message: string, cause?: unknown): EtlError {
  return new EtlError({
    kind: "usage",
    code,
    message: `simulate: ${message}`,
    hint: "See simulate --help.",
    cause,
  });
}
