import { directoryData, record, startSimulator } from "@spacex-etl/spacex-simulator";

const { files } = await record({
  api: process.env["SPACEX_API_URL"] ?? "https://api.spacexdata.com",
  directory: "recorded",
  collections: ["rockets", "crew"],
});
for (const { collection, records, bytes } of files) {
  console.log(`recorded ${collection}: ${records} records, ${bytes} bytes`);
}

const simulator = await startSimulator({ data: await directoryData("recorded") });
const crew = (await (await fetch(`${simulator.url}/v4/crew`)).json()) as unknown[];
console.log(`replayed ${crew.length} members of the crew`);
await simulator.close();
