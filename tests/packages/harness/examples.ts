import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkspacePackage } from "./workspace-packages.ts";

/** A program of a README. */
export interface Example {
  /** Relative to its package: `examples/x.ts`. */
  readonly file: string;
  readonly text: string;
}

/** The example programs of a package, by name. */
export function examplesOf({ path }: WorkspacePackage): readonly Example[] {
  const folder = join(path, "examples");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => ({ file: `examples/${name}`, text: readFileSync(join(folder, name), "utf8") }));
}

/** What a README shows of the files: the code blocks behind a line `<!-- examples/x.ts -->`, by the file's name. */
export function shownExamples(readme: string): Readonly<Record<string, string>> {
  const blocks = readme
    .replaceAll("\r\n", "\n")
    .matchAll(/^<!-- (examples\/[\w.-]+\.ts) -->\n+```ts\n(.*?)^```$/gms);
  return Object.fromEntries([...blocks].map(([, file = "", text = ""]) => [file, text]));
}
