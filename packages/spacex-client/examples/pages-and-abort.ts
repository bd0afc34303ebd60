import { createSpaceXClient } from "@spacex-etl/spacex-client";

const client = createSpaceXClient({ baseUrl: process.env.SPACEX_API_URL });

const query = client.payloads.query(
  { query: { orbit: { $in: ["LEO", "VLEO"] } }, select: ["name", "mass_kg"], limit: 25 },
  { signal: AbortSignal.timeout(60_000), timeout: 10_000, retry: { limit: 2 } },
);

for await (const { records, page, totalPages, totalRecords } of query.pages()) {
  const tonnes = records.reduce((sum, { mass_kg }) => sum + (mass_kg ?? 0), 0) / 1000;
  console.log(`Page ${page} of ${totalPages}: ${records.length} of ${totalRecords}, ${tonnes.toFixed(1)} t`);
  // Leaving the loop is enough to stop: the next page is asked for only when it is needed.
  if (page === 3) break;
}
