import { createHash, randomBytes } from "node:crypto";
import { EtlError, toEtlError } from "@spacex-etl/contracts";
import { type ObjectStore, type StorePermissions, verifyObject } from "@spacex-etl/lake-writers";
import { type Check, failed, passed } from "./check.ts";

/** What a lake asks of its store, in the order in which it is told. */
const OPERATIONS = {
  list: { permission: "list", works: "the probe object is listed" },
  create: { permission: "create", works: "a probe object is created" },
  refuse: { permission: "create", works: "it is not created again" },
  read: { permission: "read", works: "it is read as it was written" },
  delete: { permission: "delete", works: "it is deleted" },
} as const satisfies Record<string, { readonly permission: keyof StorePermissions; readonly works: string }>;

type Operation = keyof typeof OPERATIONS;

const NAMES = Object.keys(OPERATIONS) as readonly Operation[];

/** What each operation failed with; undefined where it worked, no entry where it was not tried. */
type Results = ReadonlyMap<Operation, EtlError | undefined>;

interface Tried {
  readonly results: Results;
  /** The probe object could not be deleted. */
  readonly left: boolean;
}

interface Probe {
  readonly key: string;
  readonly body: Uint8Array;
}

/** How long the probe's removal may take after a failure: the store may be the reason for it. */
const CLEAN_UP_MS = 2_000;

/**
 * Tries everything that a lake needs on a probe object, which is removed whatever happens. In a bucket each operation is
 * a check that names its permission; in a folder, and of a bucket that cannot be used at all, there is one for all.
 */
export async function probeLake(store: ObjectStore, signal: AbortSignal | undefined): Promise<Check[]> {
  const body = randomBytes(16);
  const probe = { key: `probes/${body.toString("hex")}`, body };
  const { results, left } = await tryOperations(store, probe, signal);
  const told = withProbe(store, probe, results, left);
  const { permissions } = store;
  const untried = NAMES.every((name) => name === "create" || !results.has(name));
  if (permissions === undefined || untried) {
    const found = [...results].find(([, error]) => error !== undefined);
    if (found !== undefined) return [told(found[0], failed("lake", found[1]))];
    return [passed("lake", `${store.url}: create, refuse to overwrite, read, list and delete work`)];
  }
  return NAMES.map((name): Check => {
    const permission = permissions[OPERATIONS[name].permission];
    return { ...told(name, checkOf(store, name, results)), permission };
  });
}

/** Names the probe object that is left in the check that it is left by. */
function withProbe(
  store: ObjectStore,
  { key, body }: Probe,
  results: Results,
  left: boolean,
): (operation: Operation, check: Check) => Check {
  const created = results.get("create") === undefined;
  const culprit: Operation = created ? "delete" : "create";
  const hint = `The probe object ${store.url}/${key} (${body.length} bytes) ${created ? "is" : "may be"} left: delete it.`;
  return (operation, check) =>
    left && (operation === culprit || check.name === "lake")
      ? { ...check, hint: `${check.hint ?? ""} ${hint}`.trimStart() }
      : check;
}

function checkOf(store: ObjectStore, operation: Operation, results: Results): Check {
  const name = `lake ${operation}`;
  const error = results.get(operation);
  if (error !== undefined) return failed(name, error);
  const { permission, works } = OPERATIONS[operation];
  if (results.has(operation))
    return passed(name, `${store.url}: ${works} (${store.permissions?.[permission]})`);
  return {
    ...failed(name, results.get("create")),
    detail: `not tried, because there is no probe object (needs ${store.permissions?.[permission]})`,
    hint: undefined,
  };
}

async function tryOperations(
  store: ObjectStore,
  probe: Probe,
  signal: AbortSignal | undefined,
): Promise<Tried> {
  const { key, body } = probe;
  const results = new Map<Operation, EtlError | undefined>();
  const attempt = async (operation: Operation, work: () => Promise<unknown>): Promise<boolean> => {
    const error = await work().then(
      () => undefined,
      (thrown: unknown) => toEtlError(thrown),
    );
    signal?.throwIfAborted();
    results.set(operation, error);
    return error === undefined;
  };
  // Also after a failure: the store may have done what it gave no answer to.
  let mayExist = true;
  try {
    const created = await attempt("create", () => store.createIfAbsent(key, body, { signal }));
    const refused = results.get("create");
    mayExist = refused === undefined || !createdNothing(refused);
    if (created || refused?.code === "LAKE_PERMISSION") {
      await attempt("list", () => assertListed(store, key, created ? 1 : 0, signal));
    }
    if (created) {
      await attempt("refuse", () => assertRefused(store, key, signal));
      const sha256 = createHash("sha256").update(body).digest("hex");
      await attempt("read", () => verifyObject(store, { path: key, bytes: body.length, sha256 }, signal));
      mayExist = !(await attempt("delete", () => store.delete(key, { signal })));
    }
  } finally {
    if (mayExist) {
      await store.delete(key, { signal: AbortSignal.timeout(CLEAN_UP_MS) }).then(
        () => void (mayExist = false),
        () => undefined,
      );
    }
  }
  return { results, left: mayExist };
}

/** Refused before anything could be written; of all else, a wrong checksum too, nobody knows. */
function createdNothing({ kind, code }: EtlError): boolean {
  return kind === "auth" || kind === "usage" || code === "LAKE_BUCKET_MISSING";
}

async function assertRefused(
  store: ObjectStore,
  key: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if ((await store.createIfAbsent(key, new Uint8Array(1), { signal })) === "exists") return;
  throw new EtlError({
    kind: "destination",
    code: "LAKE_OVERWRITES",
    retryable: false,
    message: `${store.url} created an object that was there already; a lake must not.`,
    hint: "Use a store that honours conditional creation.",
  });
}

async function assertListed(
  store: ObjectStore,
  key: string,
  expected: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  let listed = 0;
  for await (const _ of store.list(key, { signal })) listed++;
  if (listed === expected) return;
  throw new EtlError({
    kind: "destination",
    code: "LAKE_LISTING",
    retryable: false,
    message: `${store.url} does not list an object that it just created.`,
    hint: "Use a store that lists what it has.",
  });
}
