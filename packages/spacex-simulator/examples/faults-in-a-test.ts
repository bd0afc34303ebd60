import assert from "node:assert/strict";
import { test } from "node:test";
import { createSpaceXClient } from "@spacex-etl/spacex-client";
import { parseFaults, startSimulator, syntheticData } from "@spacex-etl/spacex-simulator";

test("5,000 launches arrive, though each route fails twice before it answers", async () => {
  const data = syntheticData({ records: 5_000, seed: 7 });
  const simulator = await startSimulator({ data, faults: parseFaults("5xx:2") });
  try {
    const client = createSpaceXClient({ baseUrl: simulator.url });
    const launches = await client.launches.list();
    assert.equal(launches.length, 5_000);
    assert.equal(simulator.requests.filter(({ status }) => status >= 500).length, 2);
  } finally {
    await simulator.close();
  }
});
