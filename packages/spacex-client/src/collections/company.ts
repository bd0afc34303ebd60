import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { lazy, recordId } from "./fields.ts";
import type { Company } from "./types/company.ts";

export const companySchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    name: z.string().nullish().describe("Name of the company."),
    founder: z.string().nullish().describe("Founder."),
    founded: z.int().nullish().describe("Year of foundation."),
    employees: z.int().nullish().describe("Number of employees."),
    vehicles: z.int().nullish().describe("Number of vehicle types."),
    launch_sites: z.int().nullish().describe("Number of launch sites."),
    test_sites: z.int().nullish().describe("Number of test sites."),
    ceo: z.string().nullish().describe("Chief executive officer."),
    cto: z.string().nullish().describe("Chief technology officer."),
    coo: z.string().nullish().describe("Chief operating officer."),
    cto_propulsion: z.string().nullish().describe("Chief technology officer for propulsion."),
    valuation: z.int().nullish().describe("Estimated value of the company in US dollars; needs 64 bits."),
    headquarters: z
      .looseObject({
        address: z.string().nullish().describe("Street of the headquarters."),
        city: z.string().nullish().describe("City of the headquarters."),
        state: z.string().nullish().describe("State of the headquarters."),
      })
      .nullish()
      .describe("Where the headquarters are."),
    links: z
      .looseObject({
        website: z.string().nullish().describe("Address of the website."),
        flickr: z.string().nullish().describe("Address of the Flickr account."),
        twitter: z.string().nullish().describe("Address of the company's Twitter account."),
        elon_twitter: z.string().nullish().describe("Address of the founder's Twitter account."),
      })
      .nullish()
      .describe("Addresses on the web."),
    summary: z.string().nullish().describe("What the company is, as free text."),
  }),
);

export const company = defineCollection({
  name: "company",
  route: "/v4/company",
  single: true,
  countable: false,
  schema: companySchema as () => z.ZodType<Company>,
  description: "One row: the company.",
});
