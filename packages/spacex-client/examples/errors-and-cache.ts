import { createSpaceXClient, memoryCache, SpaceXRequestError } from "@spacex-etl/spacex-client";

const client = createSpaceXClient({
  baseUrl: process.env.SPACEX_API_URL,
  cache: memoryCache(),
  retry: { limit: 3, maxDelayMs: 2_000 },
  onEvent: (event) => {
    if (event.type === "response")
      console.log(`${event.method} ${event.status}${event.fromCache ? " out of the cache" : ""}`);
  },
});

await client.company.get();
await client.company.get();

try {
  await client.launches.get("0123456789abcdef01234567");
} catch (error) {
  if (!SpaceXRequestError.isInstance(error)) throw error;
  const { code, status, body, retryable } = error;
  console.log(`${code}: status ${status}, "${body}", ${retryable ? "try again" : "no use to try again"}`);
}
