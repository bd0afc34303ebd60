import { resources } from "../api/index.ts";

/** Name under which a folder may hold the launches in the shape of version 4; else they are made from version 5. */
export const LAUNCHES_V4 = "launches-v4";

/** Every name that data may have. */
export const dataNames: readonly string[] = [...resources.keys(), LAUNCHES_V4];

/** Collections that the API answers as one object. */
export const singleObjects: ReadonlySet<string> = new Set(
  [...resources.values()].filter(({ single }) => single).map(({ name }) => name),
);
