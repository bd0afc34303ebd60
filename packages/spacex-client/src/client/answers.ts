import { EtlError } from "@spacex-etl/contracts/errors";
import type { CallOptions, Transport } from "../http/index.ts";
import { invalidQuery, isId } from "../query/index.ts";

/** The answer to a GET, with where it is from for messages. */
export async function getJson(
  transport: Transport,
  path: string,
  call: CallOptions | undefined,
  accept: readonly number[] = [200],
): Promise<readonly [answer: unknown, from: string]> {
  const answer = await transport.json({ call, method: "GET", path, accept });
  return [answer, `GET ${transport.requestLine("GET", path).url}`];
}

/** The answer to a GET that is a list. */
export async function getList(
  transport: Transport,
  path: string,
  call: CallOptions | undefined,
): Promise<readonly [answer: readonly unknown[], from: string]> {
  const [answer, from] = await getJson(transport, path, call);
  if (Array.isArray(answer)) return [answer, from];
  throw new EtlError({
    kind: "source",
    code: "SOURCE_SHAPE",
    message: `${from} did not answer a list.`,
    hint: "Check that the address is the SpaceX API's, without /v4.",
    retryable: false,
  });
}

/**
 * The API answers 404 to a malformed id as it does to an unknown one, and a word such as `latest` would be another route.
 */
export function checkedId(id: unknown, collection: string): string {
  if (typeof id === "string" && isId(id)) return id;
  throw invalidQuery(
    collection,
    `${typeof id === "string" ? JSON.stringify(id) : String(id)} is no id`,
    "An id has 24 hex digits. To find a record by something else use query().",
  );
}
