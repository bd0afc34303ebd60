import type { SpaceXClient } from "@spacex-etl/spacex-client";
import type { PipelineConfig } from "../config/index.ts";

/** The API that a command reads, and how to stop it if it is ours. */
export interface Api extends AsyncDisposable {
  readonly client: SpaceXClient;
  /** For people: `https://api.spacexdata.com`, or that it is the embedded snapshot. */
  readonly description: string;
}

/** Connects to the configured API; the embedded one is served on a free port of the loopback for as long as needed. */
export async function openApi(config: PipelineConfig): Promise<Api> {
  const [{ createSpaceXClient }, { nodeFetch }] = await Promise.all([
    import("@spacex-etl/spacex-client"),
    import("@spacex-etl/spacex-client/node"),
  ]);
  // Large bodies cost less this way; `bench/http.ts` has the figures.
  const fetch = nodeFetch();
  if (config.api.kind !== "embedded") {
    const { baseUrl } = config.api;
    return {
      client: createSpaceXClient({ baseUrl, fetch }),
      description: baseUrl,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  const { embeddedSnapshot, startSimulator } = await import("@spacex-etl/spacex-simulator");
  const simulator = await startSimulator({ data: await embeddedSnapshot() });
  return {
    client: createSpaceXClient({ baseUrl: simulator.url, fetch }),
    description: "the embedded snapshot",
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}
