import { createSpaceXClient } from "@spacex-etl/spacex-client";

const client = createSpaceXClient({ baseUrl: process.env.SPACEX_API_URL });

const landings = client.launches.query({
  query: {
    date_utc: { $gte: new Date("2021-01-01T00:00:00Z") },
    cores: { $elemMatch: { landing_type: "RTLS", landing_success: true } },
  },
  sort: { date_unix: "desc" },
  select: ["name", "date_utc", "cores.core", "cores.landpad"],
  populate: [{ path: "cores.core", select: ["serial", "reuse_count"] }, "cores.landpad"],
});

// The type has what is selected, with records in place of their ids: core?.serial is there, core?.block is an error.
for await (const { name, date_utc, cores } of landings) {
  const landed = cores.map(({ core, landpad }) => `${core?.serial} on ${landpad?.name ?? "nothing known"}`);
  console.log(`${date_utc.slice(0, 10)} ${name}: ${landed.join(", ")}`);
}
