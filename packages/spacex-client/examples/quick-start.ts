import { createSpaceXClient } from "@spacex-etl/spacex-client";

const client = createSpaceXClient({ baseUrl: process.env.SPACEX_API_URL });

const latest = await client.launches.latest();
console.log(`The latest launch is ${latest?.name} of ${latest?.date_utc.slice(0, 10)}.`);

const rockets = await client.rockets.list();
console.log(`Rockets: ${rockets.map(({ name }) => name).join(", ")}.`);

const failed = client.launches.query({ query: { success: false }, sort: "date_unix" });
for await (const { name, failures } of failed) {
  console.log(`${name} failed: ${failures[0]?.reason ?? "nobody knows why"}.`);
}
console.log(`${await client.launches.count({ success: true })} launches succeeded.`);
