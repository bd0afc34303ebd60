import { EtlError } from "@spacex-etl/contracts/errors";
import type { CallOptions, Transport } from "../http/index.ts";

const PATH = "/v4/admin/health";

/** Resolves when the API says that it is well, which it does as text. */
export async function checkHealth(transport: Transport, call: CallOptions | undefined): Promise<void> {
  const text = await transport.text({ call, method: "GET", path: PATH, accept: [200] });
  if (text.trim() === "OK") return;
  throw new EtlError({
    kind: "source",
    code: "SOURCE_SHAPE",
    message: `GET ${transport.requestLine("GET", PATH).url} answered ${JSON.stringify(text.slice(0, 100))} instead of OK.`,
    hint: "Check that the address is the SpaceX API's, without /v4.",
    retryable: false,
  });
}
