import { setTimeout as sleep } from "node:timers/promises";
import type {
  AbortMultipartUploadCommandInput,
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
  S3Client,
  UploadPartCommandInput,
} from "@aws-sdk/client-s3";
import { compositeOf, type Digest, digestOfBytes, sending } from "./body.ts";
import { type Creation, type Ended, settledCreation } from "./creation.ts";
import { retryPause } from "../remote/index.ts";
import { bucketFields } from "./fields.ts";
import type { Failure } from "./failure.ts";
import type { Call, Requests } from "./requests.ts";
import { BEFORE_SIGNING, payloadHash } from "./signed-payload.ts";

/** S3 may take minutes, and sends blanks meanwhile that only the socket sees. */
const COMPLETE_MS = 15 * 60_000;
/** What an upload that is given up may still take: to learn its id, and to have S3 forget it. */
const LAST_MS = 2_000;
const ABORT_MS = 10_000;
const ABORTS = 3;

/** Ends the work of `Upload`, which then aborts the upload at S3. */
export class UploadEnded extends Error {
  override readonly name: string = "UploadEnded";
  readonly outcome: Ended["outcome"];
  constructor(outcome: Ended["outcome"]) {
    super(outcome);
    this.outcome = outcome;
  }
}

/** What `Upload` works with in place of a client. */
export interface PartRequests {
  readonly client: S3Client;
  /** The object's, when all parts are sent. */
  checksum(): string;
  end(): void;
}

/**
 * A client for one upload whose requests are retried one by one. It stops all of them when one fails for good, and adds
 * digests, so that S3 verifies every part.
 *
 * @param assertKnown throws when the parts that were sent are not what was to be created
 */
export async function partRequests(
  requests: Requests,
  creation: Creation,
  assertKnown: () => void,
): Promise<PartRequests> {
  const { key, options } = creation;
  const { checkpoint } = requests.settings;
  const { signal } = options;
  const { sdk, client } = await requests.connect();
  const digests = new Map<number, Digest>();
  const stopped = new AbortController();
  /** Of a part, without an answer: it may still arrive. */
  let cutOff = false;

  const call = <T>(more: Omit<Call<T>, "action" | "key">): Promise<T> =>
    requests.send({ action: "create", key, ...more });

  async function begin(input: CreateMultipartUploadCommandInput) {
    signal?.throwIfAborted();
    const patience = graceOf(signal);
    try {
      const begun = await call({
        signal: patience.signal,
        send: (request) =>
          request.client.send(new sdk.CreateMultipartUploadCommand(input), { abortSignal: request.signal }),
      });
      await checkpoint?.(`begun ${key}`);
      return begun;
    } finally {
      patience.end();
    }
  }

  async function sendPart(input: UploadPartCommandInput) {
    const { Body: bytes, PartNumber: number = 0 } = input;
    if (!(bytes instanceof Uint8Array)) throw new TypeError("Upload cuts bodies into buffers.");
    const digest = digestOfBytes(bytes);
    const sent = await call({
      signal: stopped.signal,
      sends: "body",
      settles(failure) {
        if (failure.status === undefined) cutOff = true;
        return undefined;
      },
      send(request) {
        const piecewise = sending(bytes, bytes.byteLength, request.touch);
        const command = new sdk.UploadPartCommand({
          ...input,
          Body: piecewise.body,
          ContentLength: bytes.byteLength,
          ChecksumSHA256: digest.base64,
        });
        command.middlewareStack.add(payloadHash(digest.hex), BEFORE_SIGNING);
        return piecewise.finish(request.client.send(command, { abortSignal: request.signal }));
      },
    });
    digests.set(number, digest);
    await checkpoint?.(`part ${number} of ${key}`);
    return sent;
  }

  async function complete(input: CompleteMultipartUploadCommandInput) {
    assertKnown();
    await checkpoint?.(`completing ${key}`);
    const parts = (input.MultipartUpload?.Parts ?? []).map((part): CompletedPart => {
      const digest = digests.get(part.PartNumber ?? 0);
      return { ...part, ...(digest === undefined ? {} : { ChecksumSHA256: digest.base64 }) };
    });
    const whole = { ...input, MultipartUpload: { Parts: parts } };
    const result = await call<object>({
      signal: stopped.signal,
      stallMs: Math.max(COMPLETE_MS, requests.settings.stallMs),
      send: (request) =>
        request.client.send(new sdk.CompleteMultipartUploadCommand(whole), { abortSignal: request.signal }),
      settles(failure, { ambiguous }) {
        const outcome = settledCompletion(failure, ambiguous || creation.unsure);
        return outcome === undefined ? undefined : new UploadEnded(outcome);
      },
    });
    if (result instanceof UploadEnded) throw result;
    return result;
  }

  /**
   * Never fails: what it leaves, `sweep` finds, and what failed before is what matters. A part that arrives after an abort
   * may bring the upload back, so that it is aborted again until it is gone.
   *
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
   */
  async function abort(input: AbortMultipartUploadCommandInput): Promise<object> {
    const deadlineMs = signal?.aborted === true ? LAST_MS : ABORT_MS;
    const patience = AbortSignal.timeout(deadlineMs);
    const fields = { ...input, ...bucketFields(requests.settings) };
    const once = (): Promise<"aborted" | "gone"> =>
      requests.send<"aborted" | "gone">({
        action: "abort",
        key,
        signal: patience,
        deadlineMs,
        async send(request) {
          await request.client.send(new sdk.AbortMultipartUploadCommand(fields), {
            abortSignal: request.signal,
          });
          return "aborted";
        },
        settles: ({ status }) => (status === 404 ? "gone" : undefined),
      });
    const untilGone = async (): Promise<void> => {
      const most = cutOff ? ABORTS : 1;
      for (let number = 1; (await once()) === "aborted" && number < most; number++)
        await sleep(retryPause(number), undefined, { signal: patience });
    };
    await untilGone().catch(() => undefined);
    return {};
  }

  const stop = (): void => stopped.abort(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  const failing = (error: unknown): never => {
    stopped.abort(error);
    throw error;
  };

  async function dispatch(command: unknown): Promise<object> {
    if (command instanceof sdk.UploadPartCommand) return sendPart(command.input).catch(failing);
    if (command instanceof sdk.CreateMultipartUploadCommand) return begin(command.input).catch(failing);
    if (command instanceof sdk.CompleteMultipartUploadCommand) return complete(command.input);
    if (command instanceof sdk.AbortMultipartUploadCommand) return abort(command.input);
    throw new TypeError("Upload sent a request that is none of an upload in parts by this copy of the SDK.");
  }

  return {
    client: Object.create(client, { send: { value: dispatch } }) as S3Client,
    checksum: () => compositeOf([...digests].sort(([a], [b]) => a - b).map(([, digest]) => digest)),
    end: () => signal?.removeEventListener("abort", stop),
  };
}

/** An upload that is gone was completed by a request of ours whose answer was lost, or aborted by somebody else. */
function settledCompletion(failure: Failure, ambiguous: boolean): Ended["outcome"] | undefined {
  if (failure.code === "NoSuchUpload") return ambiguous || failure.attempts > 1 ? "unclear" : "again";
  return settledCreation(failure, ambiguous);
}

/** Aborted a little after the caller's: who stops waiting for an upload's id cannot have it removed. */
function graceOf(signal: AbortSignal | undefined): { readonly signal: AbortSignal; end(): void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    timer = setTimeout(() => late.abort(signal?.reason), LAST_MS);
  };
  signal?.addEventListener("abort", start, { once: true });
  return {
    signal: late.signal,
    end() {
      signal?.removeEventListener("abort", start);
      clearTimeout(timer);
    },
  };
}
