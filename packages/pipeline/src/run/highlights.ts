import type { Highlights } from "../summary/index.ts";
import type { Session } from "../session/session.ts";

/** With the tables above it, more would not fit on a screen. */
const MOST_ROWS = 25;

/** Launches that are over; the rate is of those whose outcome is known. */
const SQL = `
  SELECT launch_year::VARCHAR AS year,
         coalesce(rocket_name, 'unknown') AS rocket,
         count(*)::INTEGER AS launches,
         CASE WHEN count(success) > 0
              THEN round(100.0 * count(*) FILTER (success) / count(success))::INTEGER || ' %' END AS rate,
         sum(landing_success_count)::INTEGER AS landings,
         round(sum(payload_mass_kg))::DOUBLE AS payload_kg
  FROM warehouse.marts.spacex_launches
  WHERE NOT upcoming
  GROUP BY ALL
  ORDER BY year, rocket`;

/**
 * Launches and success rate per year and rocket, the years that fit on a screen; undefined where the mart is not there
 * or is another one. To be called after dbt: it attaches the warehouse again.
 */
export async function launchHighlights(session: Session): Promise<Highlights | undefined> {
  // Of a service each look is a query that somebody pays for.
  if (session.config.warehouse.kind !== "duckdb") return undefined;
  try {
    const loader = await session.loader();
    // The loader attaches the file, as `warehouse`, when it is first asked for something.
    await loader.transformState();
    const { connection } = await session.engine();
    const rows = (await connection.runAndReadAll(SQL)).getRowObjectsJson();
    if (rows.length === 0) return undefined;
    return {
      title: "Launches and success rate per year and rocket",
      columns: ["year", "rocket", "launches", "success", "landings", "payload kg"],
      rows: newestYears(rows).map((row) => [
        String(row["year"]),
        String(row["rocket"]),
        Number(row["launches"]),
        row["rate"] === null ? null : String(row["rate"]),
        Number(row["landings"]),
        row["payload_kg"] === null ? null : Number(row["payload_kg"]),
      ]),
    };
  } catch {
    // They are an extra: the run is done, and a result that cannot be shown does not make it fail.
    return undefined;
  }
}

/** Whole years from the end, as many as fit. */
function newestYears(rows: readonly Record<string, unknown>[]): readonly Record<string, unknown>[] {
  let first = Math.max(0, rows.length - MOST_ROWS);
  while (first > 0 && first < rows.length && rows[first]?.["year"] === rows[first - 1]?.["year"]) first++;
  return rows.slice(first);
}
