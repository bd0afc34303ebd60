import { parseFaults, startSimulator } from "@spacex-etl/spacex-simulator";

const simulator = await startSimulator();
const latest = await fetch(`${simulator.url}/v5/launches/latest`);
const { name, date_utc } = (await latest.json()) as { name: string; date_utc: string };
console.log(`The latest launch is ${name} on ${date_utc}.`);

simulator.setFaults(parseFaults("429"));
for (const attempt of [1, 2]) {
  const response = await fetch(`${simulator.url}/v4/rockets`);
  console.log(`Rockets, attempt ${attempt}: ${response.status}`);
  await response.body?.cancel();
}

console.log(`${simulator.requests.length} requests were answered.`);
await simulator.close();
