import { writeFileSync } from "node:fs";
import { recordModules } from "./record-modules.ts";

/**
 * Writes src/collections/types from the schemas:
 *
 *     node --conditions=@spacex-etl/source packages/spacex-client/scripts/generate-record-types.ts
 */
for (const [file, text] of recordModules())
  writeFileSync(new URL(`../src/collections/types/${file}`, import.meta.url), text);
