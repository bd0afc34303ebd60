import { EtlError } from "@spacex-etl/contracts/errors";
import { retrying } from "../remote/index.ts";
import type { CreateOptions, ObjectBody } from "../store/object-store.ts";
import { digestOfBody, sending, sizeOf } from "./body.ts";
import { type Creation, type Ended, settledCreation } from "./creation.ts";
import { objectFields } from "./fields.ts";
import { partsUploader } from "./multipart.ts";
import type { Requests } from "./requests.ts";
import { isSameObject } from "./same-object.ts";
import { BEFORE_SIGNING, payloadHash } from "./signed-payload.ts";

/** Creates objects: in one request, or in parts. */
export function creator(
  requests: Requests,
): (key: string, name: string, body: ObjectBody, options?: CreateOptions) => Promise<"created" | "exists"> {
  const { settings, url } = requests;
  const uploadParts = partsUploader(requests);
  return async (key, name, body, options = {}) => {
    const { signal } = options;
    signal?.throwIfAborted();
    const bytes = await sizeOf(body);
    const again = conflict(key, url);
    const upload = async (unsure: boolean): Promise<"created" | "exists" | "again"> => {
      const creation: Creation = { key, name, body, bytes, options, unsure };
      const { outcome, checksum } =
        bytes > settings.multipartBytes ? await uploadParts(creation) : await put(requests, creation);
      if (outcome === "created") return "created";
      if (outcome === "taken") return "exists";
      if (outcome === "unclear") {
        const same = await isSameObject(requests, creation, checksum);
        if (same !== undefined) return same ? "created" : "exists";
      }
      return "again";
    };
    const outcome = await retrying(
      `create ${key} in ${url}`,
      async ({ number, renew }) => {
        const outcome = await upload(number > 1);
        if (outcome !== "again") return outcome;
        // The upload may have waited for its turn and taken long; a conflict that stays ends at the deadline.
        if (number === 1) renew();
        throw again;
      },
      {
        deadlineMs: settings.deadlineMs,
        signal,
        onRetry: settings.onRetry,
        classify: (error) => ({
          error,
          retry: error === again,
          ambiguous: false,
          reason: error instanceof Error ? error.message : String(error),
        }),
      },
    );
    if (outcome === "created") await settings.checkpoint?.(`created ${key}`);
    return outcome;
  };
}

function conflict(key: string, url: string): EtlError {
  return new EtlError({
    kind: "busy",
    code: "LAKE_BUSY",
    message: `Cannot create ${key} in ${url}: others create or delete it at the same time.`,
    hint: "Run the same command again.",
    details: { path: key },
  });
}

async function put(requests: Requests, creation: Creation): Promise<Ended> {
  const { key, name, body, bytes, options } = creation;
  const { base64, hex } = await digestOfBody(body, options.sha256);
  await requests.settings.checkpoint?.(`sending ${key}`);
  const outcome = await requests.send<Ended["outcome"]>({
    action: "create",
    key,
    signal: options.signal,
    sends: "body",
    async send({ sdk, client, signal, touch }) {
      const piecewise = sending(body, bytes, touch);
      const command = new sdk.PutObjectCommand({
        ...objectFields(requests.settings, options),
        Key: name,
        Body: piecewise.body,
        ContentLength: bytes,
        ChecksumSHA256: base64,
        IfNoneMatch: "*",
      });
      command.middlewareStack.add(payloadHash(hex), BEFORE_SIGNING);
      await piecewise.finish(client.send(command, { abortSignal: signal }));
      return "created";
    },
    settles: (failure, { ambiguous }) => settledCreation(failure, ambiguous || creation.unsure),
  });
  return { outcome, checksum: base64 };
}
