import { EtlError } from "@spacex-etl/contracts/errors";
import * as z from "zod";
import { lazy } from "../collections/index.ts";
import type { SentOptions } from "./sent-query.ts";
import type { Page } from "./types/index.ts";

/** The part of the API's envelope that is relied on; the rest follows from it, or comes and goes. */
const envelopeSchema = lazy(() =>
  z.looseObject({ docs: z.array(z.unknown()), totalDocs: z.int().nonnegative() }),
);
export type Envelope = Readonly<z.infer<ReturnType<typeof envelopeSchema>>>;

/** Checks the shape of an answer to a query. */
export function parseEnvelope(answer: unknown, from: string): Envelope {
  const parsed = envelopeSchema().safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new EtlError({
    kind: "source",
    code: "SOURCE_SHAPE",
    message: `${from} did not answer a page of documents: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}.`,
    hint: "Check that the address is the SpaceX API's, without /v4.",
    retryable: false,
  });
}

export interface PageSource<T> {
  /** For messages: `POST https://api.example.com/v5/launches/query`. */
  readonly from: string;
  /** Sends the query with these options. */
  fetchPage(options: SentOptions): Promise<unknown>;
  /** Checks the records of one page. */
  readRecords(docs: readonly unknown[]): readonly T[];
}

/**
 * Every page from the first asked for to the last. The API has no cursor, so the only sign of a change in between is
 * that the total differs or that pages are not full.
 *
 * @throws EtlError of kind `source`, retryable, code `SOURCE_CHANGED`.
 */
export async function* pagesOf<T>(
  source: PageSource<T>,
  options: SentOptions,
): AsyncGenerator<Page<T>, void, undefined> {
  let total: number | undefined;
  for (let page = options.page; ; page++) {
    const envelope = parseEnvelope(await source.fetchPage({ ...options, page }), source.from);
    total ??= envelope.totalDocs;
    if (envelope.totalDocs !== total)
      throw changed(source.from, `${total} records match at first and ${envelope.totalDocs} on page ${page}`);
    const expected = Math.max(0, Math.min(options.limit, total - (page - 1) * options.limit));
    if (envelope.docs.length !== expected)
      throw changed(source.from, `page ${page} holds ${envelope.docs.length} records instead of ${expected}`);
    yield {
      records: source.readRecords(envelope.docs),
      page,
      totalPages: Math.max(1, Math.ceil(total / options.limit)),
      totalRecords: total,
    };
    if (page * options.limit >= total) return;
  }
}

function changed(from: string, what: string): EtlError {
  return new EtlError({
    kind: "source",
    code: "SOURCE_CHANGED",
    message: `${from} changed while its pages were read: ${what}.`,
    hint: "Ask again. To get one consistent state, use list(), which is a single request.",
  });
}
