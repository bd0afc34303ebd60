import type { SnapshotCollection } from "./snapshot.ts";

/** `snapshot/PROVENANCE.md`: for each collection from where it is, what is left out and what is made up. */
export function provenancePage(collections: readonly SnapshotCollection[]): string {
  const rows = collections.map(
    ({ name, records, recorded, leftOut, generated }) =>
      `| ${name} | ${records.length} | ${recorded} | ${leftOut} | ${generated} |`,
  );
  return `# Where the embedded snapshot comes from

One file per collection, \`<collection>.ndjson.gz\`: one record per line, in the API's order and with its order of keys.
Written by \`scripts/build-snapshot.ts\`; do not edit by hand.

The facts are those of recorded answers of the r/SpaceX REST API (api.spacexdata.com), whose data do not change since
2022-11-30. Launches, landpads, launchpads, payloads, roadster, company, cores, crew and rockets were recorded by the tests
of rodolfobandeira/spacex (MIT, commit eb23752), starlink by those of victorperez/spacex-api-ruby (MIT, commit 17c3954). Roles
of crew members stand only in version 5 of the launches, seen in gergobig/spacex-api-data (commit fde75b8).

It holds facts only: free text is null, or left out where the API may leave it out. What no recording was found for is
generated, repeatably, and no statement about the world. Orbits of Starlink satellites are generated throughout, because
Space-Track restricts the redistribution of its elements. The few elements of payloads are part of the recorded payloads.

| collection | records | recorded | left out | generated |
|---|---|---|---|---|
${rows.join("\n")}

Version 4 of the launches is made from version 5 when it is asked for. Known defects of the source are kept: flight
numbers that occur twice, four payloads whose launch does not exist, launches that are "upcoming" for ever.
`;
}
