/** How many requests of each route a fault hits before it is spent; `Infinity` for `:all`. */
export interface Counted {
  readonly count: number;
}

/**
 * What goes wrong. A simulator takes any number of faults: a request gets the first counted one that is not yet spent
 * on its route (method and path), so that `429,reset` means one 429, then one reset, then a good answer. `latency` and
 * `changing` come on top of whatever else happens.
 */
export type Fault =
  | { readonly kind: "latency"; /** Milliseconds before the answer begins. */ readonly ms: number }
  | ({ readonly kind: "429" } & Counted)
  | ({ readonly kind: "5xx" } & Counted)
  | ({ readonly kind: "reset" } & Counted)
  | ({ readonly kind: "truncate" } & Counted)
  | ({ readonly kind: "edge" } & Counted)
  | ({ readonly kind: "outage-400" } & Counted)
  | ({ readonly kind: "changing" } & Counted)
  | { readonly kind: "down" };

/** Name of a fault. */
export type FaultKind = Fault["kind"];

/** What the number after the colon of a profile means, and what stands for a missing one. */
export interface FaultProfile {
  readonly kind: FaultKind;
  /** As it stands in a usage text: `429[:COUNT]`. */
  readonly usage: string;
  readonly description: string;
}

/** The fault profiles, for `--help` and for people. A COUNT is 1 unless given; `:all` never ends. */
export const FAULT_PROFILES: readonly FaultProfile[] = [
  { kind: "latency", usage: "latency[:MS]", description: "waits MS milliseconds (200) before each answer" },
  { kind: "429", usage: "429[:COUNT]", description: "429 with Retry-After: 1" },
  {
    kind: "5xx",
    usage: "5xx[:COUNT]",
    description: "502 and 523 with HTML of the edge, 503 and 500 with text, in turn",
  },
  { kind: "reset", usage: "reset[:COUNT]", description: "the connection is reset in the middle of the body" },
  {
    kind: "truncate",
    usage: "truncate[:COUNT]",
    description:
      "the body ends early: shorter than its Content-Length, or chunked and ended as if it were whole",
  },
  {
    kind: "edge",
    usage: "edge[:COUNT]",
    description: "HTML challenge page of the edge, with 403 and 200 in turn",
  },
  {
    kind: "outage-400",
    usage: "outage-400[:COUNT]",
    description: 'the database is away: 400 with "buffering timed out" (500 for one record by id)',
  },
  {
    kind: "changing",
    usage: "changing[:COUNT]",
    description:
      "the first COUNT reads of each list lack a record or have one too many, and totalDocs has moved after each",
  },
  { kind: "down", usage: "down", description: "every connection is closed without an answer" },
];
