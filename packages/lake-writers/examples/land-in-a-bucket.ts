import { defineTables, newRunId } from "@spacex-etl/contracts";
import { extract, openLake, recordsFrom, verify } from "@spacex-etl/lake-writers";
import { z } from "zod";

const Reading = z.object({
  id: z.string(),
  measured: z.iso.datetime(),
  celsius: z.number(),
});

async function* readSensors(): AsyncGenerator<z.infer<typeof Reading>> {
  for (let minute = 0; minute < 1440; minute++) {
    const measured = new Date(Date.UTC(2026, 10, 22, 0, minute)).toISOString();
    yield { id: `roof-${minute}`, measured, celsius: 4 + 3 * Math.sin(minute / 230) };
  }
}

// s3://bucket/prefix, gs://bucket/prefix or a folder; credentials are found by the SDK itself.
const store = await openLake(process.env["LAKE_URL"] ?? "lake");
const readings = {
  spec: defineTables({ collection: "readings", schema: Reading }),
  source: recordsFrom("sensors on the roof", readSensors),
};

const runId = newRunId();
const run = await extract({ store, runId, source: "weather", collections: [readings] });
for (const { collection, records } of run.collections)
  console.log(`${records} ${collection} in ${store.url}, manifest ${run.extract.ref.path}`);

const { objects, bytes, findings } = await verify({ store, runId });
console.log(`verified: ${objects} objects, ${bytes} bytes, ${findings.length} problems`);
await store[Symbol.asyncDispose]();
