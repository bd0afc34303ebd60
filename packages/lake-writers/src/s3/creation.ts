import type { CreateOptions, ObjectBody } from "../store/object-store.ts";
import type { Failure } from "./failure.ts";

/** What is created, and where. */
export interface Creation {
  readonly key: string;
  readonly name: string;
  readonly body: ObjectBody;
  readonly bytes: number;
  readonly options: CreateOptions;
  /** An earlier upload may have had its effect, or still has it: a name that is taken may be our own doing. */
  readonly unsure: boolean;
}

/**
 * How an upload ended: `taken` where the name exists, `unclear` where it exists and may be our own doing, `again` where
 * S3 asks to begin anew. With the checksum that the object has if it is ours,
 * where it is known.
 */
export interface Ended {
  readonly outcome: "created" | "taken" | "unclear" | "again";
  readonly checksum: string | undefined;
}

/**
 * What S3 answers when the name exists, or when somebody else is about to create or delete it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function settledCreation(failure: Failure, ambiguous: boolean): Ended["outcome"] | undefined {
  const { status, code } = failure;
  // Within an answer that began well the SDK replaces the status; the code stays.
  if (status === 412 || code === "PreconditionFailed")
    return ambiguous || failure.attempts > 1 ? "unclear" : "taken";
  if ((status === 409 && code !== "OperationAborted") || code === "ConditionalRequestConflict")
    return "again";
  return undefined;
}
