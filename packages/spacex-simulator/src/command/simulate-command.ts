import { parseArgs } from "node:util";
import { directoryData, embeddedSnapshot, type SimulatorData } from "../data/index.ts";
import { type Fault, parseFaults } from "../faults/index.ts";
import { startSimulator } from "../server/index.ts";
import type { CommandIo } from "./command-io.ts";
import { simulateUsage } from "./simulate-usage.ts";
import { syntheticData } from "../synthetic/index.ts";
import { unknownFlag, usageError } from "./usage-error.ts";

interface SimulateFlags {
  readonly port: number;
  readonly source: "embedded" | { readonly folder: string } | { readonly records: number };
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly etags: boolean;
}

/** See `simulateCommand` in the door of this folder. */
export async function simulate(argv: readonly string[], io: CommandIo): Promise<number> {
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
    throw usageError("simulate", "FLAGS_CONTRADICT", "--data and --synthetic exclude each other.");
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
    throw unknownFlag("simulate", cause);
  }
}

function wholeNumber(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw usageError(
    "simulate",
    "FLAG_VALUE",
    `${flag} needs a whole number from 0 to ${most}, not ${JSON.stringify(text)}.`,
  );
}

async function dataOf(flags: SimulateFlags): Promise<SimulatorData> {
  const { source, seed } = flags;
  if (source === "embedded") return embeddedSnapshot();
  return "folder" in source ? directoryData(source.folder) : syntheticData({ records: source.records, seed });
}
