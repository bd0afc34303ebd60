import type { z } from "zod";
import {
  type CollectionName,
  definitions,
  emptySeatSchema,
  launchesV4,
  references,
  referencesV4,
  searchable,
} from "../collections/index.ts";
import { type Fields, fieldsOf } from "./fields.ts";

/** What queries of one resource may name. Made when it is first queried, then kept. */
export interface QueryTarget {
  readonly collection: string;
  /** Of a whole record as it is answered. */
  readonly schema: z.ZodType;
  /** What can be selected. */
  readonly fields: Fields;
  /** What filters and sorts see; other than `fields` in version 4 of launches only. */
  readonly stored: Fields;
  readonly searchable: boolean;
  /** Paths that hold ids, and of which collection. */
  readonly references: Readonly<Record<string, CollectionName>>;
  /** What a list keeps in place of a record that does not exist, by path. */
  readonly dangling: Readonly<Record<string, z.ZodType>>;
  /** The path to send for one that can be populated, where it is not the same. */
  readonly storedPath: Readonly<Record<string, string>>;
}

const targets = new Map<CollectionName, QueryTarget>();
let version4: QueryTarget | undefined;

export function targetOf(name: CollectionName): QueryTarget {
  const known = targets.get(name);
  if (known !== undefined) return known;
  const schema = definitions[name].schema();
  const fields = fieldsOf(schema, new Set(Object.keys(references[name])));
  const target: QueryTarget = {
    collection: name,
    schema,
    fields,
    stored: fields,
    searchable: searchable[name],
    references: references[name],
    dangling: {},
    storedPath: {},
  };
  targets.set(name, target);
  return target;
}

/** Launches in the shape of version 4, stored as version 5. */
export function targetOfLaunchesV4(): QueryTarget {
  if (version4 !== undefined) return version4;
  const schema = launchesV4.schema();
  version4 = {
    ...targetOf("launches"),
    schema,
    fields: fieldsOf(schema, new Set(Object.keys(referencesV4))),
    references: referencesV4,
    dangling: { crew: emptySeatSchema() },
    storedPath: { crew: "crew.crew" },
  };
  return version4;
}
