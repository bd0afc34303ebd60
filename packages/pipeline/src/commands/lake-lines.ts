import type { LakeLocation } from "../config/index.ts";
import type { LakeAccess, PlannedLake } from "./planned-lake.ts";

/**
 * What a run reads and writes in the lake, for people: the tables of a collection share a line, those of earlier runs
 * all have one, and so have the collections' manifests. Not repeated are where new raw parts go, which the requests say,
 * and that what was just written is read.
 */
export function lakeLines({ reads, writes }: PlannedLake, { display }: LakeLocation): string[] {
  const linesOf = (verb: string, accesses: readonly LakeAccess[]): string[] => {
    const groups = new Map<string, string>();
    for (const { key, what, conditional } of accesses) {
      const earlier = verb === "reads" && conditional && key.startsWith("tables/");
      const together = key
        .replace(/^tables\/([a-z0-9_]+?)(__[a-z0-9_]+)?\//, earlier ? "tables/*/" : "tables/$1*/")
        .replace(/^(runs\/[^/]+\/extract\/).*/, "$1");
      const tables = earlier ? what.replace(/^table [^,]+/, "tables") : what.replace(/^table /, "tables of ");
      if (!groups.has(together)) groups.set(together, together === key ? what : tables);
    }
    return [...groups].map(([key, what]) => `  ${verb.padEnd(6)} ${display}/${key}  (${what})`);
  };
  const written = new Set(writes.map(({ key }) => key));
  return [
    ...linesOf(
      "reads",
      reads.filter(({ key }) => key === "heads/" || !written.has(key)),
    ),
    ...linesOf(
      "writes",
      writes.filter(({ key }) => !key.startsWith("raw/")),
    ),
  ];
}
