import { list } from "./launch-facts.ts";

type Json = Readonly<Record<string, unknown>>;

interface Link {
  readonly model: string;
  readonly column: string;
  readonly to: string;
  /** The ids, one per row of the model. */
  readonly ids: readonly unknown[];
}

/** Every link that dbt tests and real data may break, from the JSON alone. */
function linksOf(recordsOf: (collection: string) => readonly Json[]): Link[] {
  const launches = recordsOf("launches");
  const payloads = recordsOf("payloads");
  const link = (path: string, to: string, ids: readonly unknown[]): Link => {
    const [model = "", column = ""] = path.split(".");
    return { model: `src_spacex_${model}`, column, to, ids };
  };
  const inArray = (array: string, key: string): unknown[] =>
    launches.flatMap((launch) => list(launch[array]).map((element) => element[key]));
  return [
    link(
      "payloads.launch_id",
      "launches",
      payloads.map(({ launch }) => launch),
    ),
    link(
      "payloads.capsule_id",
      "capsules",
      payloads.map(({ dragon }) => (dragon as Json | undefined)?.["capsule"]),
    ),
    link(
      "starlink.launch_id",
      "launches",
      recordsOf("starlink").map(({ launch }) => launch),
    ),
    link(
      "launches.rocket_id",
      "rockets",
      launches.map(({ rocket }) => rocket),
    ),
    link(
      "launches.launchpad_id",
      "launchpads",
      launches.map(({ launchpad }) => launchpad),
    ),
    link("launches__cores.core_id", "cores", inArray("cores", "core")),
    link("launches__cores.landpad_id", "landpads", inArray("cores", "landpad")),
    link("launches__crew.crew_id", "crew", inArray("crew", "crew")),
    link(
      "launches__payloads.payload_id",
      "payloads",
      launches.flatMap(({ payloads: ids }) => ids as unknown[]),
    ),
  ];
}

/** Of each link that leads nowhere somewhere: what a run says of it, and how many different ids that are. */
export function danglingLinks(
  recordsOf: (collection: string) => readonly Json[],
): { readonly line: string; readonly distinct: number }[] {
  return linksOf(recordsOf).flatMap(({ model, column, to, ids }) => {
    const there = new Set(recordsOf(to).map(({ id }) => id));
    const rows = ids.filter((id) => id !== null && id !== undefined && !there.has(id));
    if (rows.length === 0) return [];
    const count = rows.length === 1 ? "1 row" : `${rows.length} rows`;
    const line = `${count} of ${model} with a ${column} that src_spacex_${to} does not have`;
    return [{ line, distinct: new Set(rows).size }];
  });
}
