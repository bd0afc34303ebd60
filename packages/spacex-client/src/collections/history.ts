import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { lazy, recordId } from "./fields.ts";
import type { HistoryEvent } from "./types/history.ts";

export const historyEventSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    title: z.string().nullable().describe("Headline of the event."),
    event_date_utc: z.iso.datetime().nullable().describe("When it happened, in UTC."),
    event_date_unix: z.int().nullable().describe("When it happened, in seconds since 1970-01-01 UTC."),
    details: z.string().nullable().describe("What happened, as free text."),
    links: z
      .looseObject({
        article: z.string().nullable().describe("Address of an article about the event."),
      })
      .describe("Addresses on the web."),
  }),
);

export const history = defineCollection({
  name: "history",
  route: "/v4/history",
  single: false,
  countable: true,
  schema: historyEventSchema as () => z.ZodType<HistoryEvent>,
  description: "One row per milestone in the company's history.",
});
