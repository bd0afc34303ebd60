import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface PublicPackage {
  /** With its scope. */
  readonly name: string;
  readonly folder: string;
  readonly description: string;
  readonly doors: readonly {
    /** As a user imports it. */
    readonly name: string;
    /** The door's source, an absolute path. */
    readonly source: string;
  }[];
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly description: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** The packages that are published, with the sources of their doors, by name. */
export function publicPackages(): readonly PublicPackage[] {
  return readdirSync(join(ROOT, "packages"))
    .sort()
    .map((folder) => ({ folder, manifest: manifestOf(folder) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder, manifest: { name, description, exports } }) => ({
      name,
      folder,
      description,
      doors: Object.entries(exports).flatMap(([subpath, target]) =>
        typeof target === "string"
          ? []
          : [
              {
                name: subpath === "." ? name : `${name}/${subpath.slice(2)}`,
                source: join(ROOT, "packages", folder, target["@spacex-etl/source"] ?? ""),
              },
            ],
      ),
    }));
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, "packages", folder, "package.json"), "utf8")) as Manifest;
}
