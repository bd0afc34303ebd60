import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";

interface PartsOfCollection {
  readonly parts: readonly { readonly path: string }[];
}

/** The raw lines of a collection in a run, found as any reader would: manifest, parts, decompress. */
export function rawLines(lake: string, runId: string, collection: string): string[] {
  const manifest = JSON.parse(
    readFileSync(join(lake, "runs", runId, "extract", `${collection}.json`), "utf8"),
  ) as PartsOfCollection;
  return manifest.parts.flatMap(({ path }) => {
    const bytes = readFileSync(join(lake, path));
    const text = (path.endsWith(".zst") ? zstdDecompressSync(bytes) : gunzipSync(bytes)).toString("utf8");
    return text.split("\n").slice(0, -1);
  });
}

/** Every object of the lake with size and time of writing: equal where nothing was written. */
export function lakeObjects(lake: string, ...prefixes: readonly string[]): Record<string, string> {
  const objects: Record<string, string> = {};
  for (const entry of readdirSync(lake, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const key = relative(lake, file).split(sep).join("/");
    if (prefixes.length > 0 && !prefixes.some((prefix) => key.startsWith(prefix))) continue;
    const { size, mtimeMs } = statSync(file);
    objects[key] = `${size} bytes at ${mtimeMs}`;
  }
  return objects;
}
