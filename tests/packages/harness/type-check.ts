import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import type { CommandResult } from "./command.ts";
import type { PackedProject } from "./packed-project.ts";

/** One of the TypeScripts that users have. */
export interface Compiler {
  readonly version: string;
  /** The script that Node runs. */
  readonly tsc: string;
}

/** TypeScript 5.9, 6 and 7, as the workspace has them installed under these names. */
export const compilers: readonly Compiler[] = ["typescript-5.9", "typescript-6", "typescript"].map((name) => {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const { version, bin } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly version: string;
    readonly bin: { readonly tsc: string };
  };
  const tsc = join(dirname(file), bin.tsc);
  if (!existsSync(tsc)) throw new Error(`${name} has no tsc.`);
  return { version: `TypeScript ${version}`, tsc };
});

/** What every user's configuration should allow: nothing is skipped, not even the declarations of packages. */
const STRICT = {
  noEmit: true,
  strict: true,
  skipLibCheck: false,
  target: "es2023",
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  erasableSyntaxOnly: true,
  types: ["node"],
};

/** Type checks files of a project. */
export async function check(
  project: PackedProject,
  compiler: Compiler,
  config: {
    readonly include: readonly string[];
    readonly compilerOptions: Readonly<Record<string, unknown>>;
  },
): Promise<CommandResult> {
  const compilerOptions = { ...STRICT, ...config.compilerOptions };
  project.write("tsconfig.json", JSON.stringify({ include: config.include, compilerOptions }));
  return project.node([compiler.tsc, "--project", "tsconfig.json", "--pretty", "false"]);
}
