import { EtlError } from "@spacex-etl/contracts";
import { readDocument, type Stored } from "../documents/documents.ts";
import { manyAtOnce } from "../store/many.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** One thing that is wrong: the object and what about it. */
export interface Finding {
  readonly path: string;
  readonly code: string;
  readonly problem: string;
}

/** What the checks of one verification share. */
export interface Proof {
  readonly store: ObjectStore;
  readonly signal: AbortSignal | undefined;
  readonly findings: readonly Finding[];
  found(path: string, code: string, problem: string): void;
  /** Runs a check; what it throws about the lake becomes a finding, everything else ends the verification. */
  check<T>(path: string, work: () => Promise<T>): Promise<T | undefined>;
  /** Reads a document; a damaged one is a finding, and so is a missing one that is required. */
  document<T>(key: string, schema: DocumentSchema<T>, required: boolean): Promise<Stored<T> | undefined>;
  /** Does the work for every item, for some at the same time; what is found comes in the items' order. */
  each<Item, Result>(
    items: Iterable<Item>,
    work: (item: Item, proof: Proof) => Promise<Result>,
    atOnce?: number,
  ): Promise<Result[]>;
}

type DocumentSchema<T> = Parameters<typeof readDocument<T>>[2];

export function proof(options: {
  readonly store: ObjectStore;
  readonly signal?: AbortSignal | undefined;
}): Proof {
  const { store, signal } = options;
  const findings: Finding[] = [];

  function found(path: string, code: string, problem: string): void {
    findings.push({ path, code, problem });
  }

  async function check<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!EtlError.isInstance(error)) {
        found(path, "UNREADABLE", error instanceof Error ? error.message : String(error));
      } else if (error.kind === "integrity" || error.kind === "schema") {
        found(path, error.code, error.message);
      } else {
        throw error;
      }
      return undefined;
    }
  }

  return {
    store,
    signal,
    findings,
    found,
    check,
    async document(key, schema, required) {
      const before = findings.length;
      const stored = await check(key, () => readDocument(store, key, schema, signal));
      if (stored === undefined && required && findings.length === before) {
        found(key, "DOCUMENT_MISSING", "it is missing, though another document refers to it");
      }
      return stored;
    },
    async each(items, work, atOnce) {
      const checked = await manyAtOnce(
        items,
        async (item) => {
          const own = proof(options);
          return { result: await work(item, own), found: own.findings };
        },
        { signal, ...(atOnce === undefined ? {} : { atOnce }) },
      );
      findings.push(...checked.flatMap((each) => each.found));
      return checked.map(({ result }) => result);
    },
  };
}
