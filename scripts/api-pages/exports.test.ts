import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openWorkspace } from "./exports.ts";
import { apiPage } from "./page.ts";

const folder = mkdtempSync(join(tmpdir(), "spacex-etl-api-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PARTS = `
/** How far: in metres, e.g. 3. Never negative. */
export interface Reach { readonly near: number; far?: number; go(): void }
/** Goes {@link Reach}. */
export function go(reach: Reach, options: { readonly fast?: boolean } = {}): Promise<void>;
export async function go(): Promise<void> {}
export function silent<T extends string>(text: T, ...rest: readonly T[]): T { return text; }
/** Either. */
export type Way =
  | "up"
  // The other one.
  | "down";
/** All ways. */
export const WAYS: readonly Way[] = ["up", "down"];
/** A thing. */
export class Thing extends Error { constructor(readonly_: string) { super(readonly_); } }
`;

test("every export is found, however it got into the door, with one line and one sentence", () => {
  writeFileSync(join(folder, "parts.ts"), PARTS);
  const door = join(folder, "index.ts");
  writeFileSync(door, `export * from "./parts.ts";\nexport { silent as quiet } from "./parts.ts";\n`);

  const exports = openWorkspace([door])(door);

  expect(exports.map(({ name, kind, signature, summary }) => [name, kind, signature, summary])).toEqual([
    [
      "go",
      "function",
      "go(reach: Reach, options?: { readonly fast?: boolean }): Promise<void>",
      "Goes `Reach`.",
    ],
    ["quiet", "function", "quiet<T extends string>(text: T, ...rest: readonly T[]): T", ""],
    ["Reach", "interface", "interface Reach { near; far?; go() }", "How far: in metres, e.g. 3."],
    ["silent", "function", "silent<T extends string>(text: T, ...rest: readonly T[]): T", ""],
    ["Thing", "class", "class Thing extends Error { constructor(readonly_: string) }", "A thing."],
    ["Way", "type", `type Way = "up" | "down"`, "Either."],
    ["WAYS", "constant", "const WAYS: readonly Way[]", "All ways."],
  ]);
  expect(exports.find(({ name }) => name === "quiet")).toMatchObject({ line: 7 });

  const page = apiPage({
    name: "@x/y",
    folder: "y",
    description: "Y",
    command: "make",
    doors: [{ name: "@x/y", exports }],
  });
  expect(page).toContain('| `Way` | type | `type Way = "up" \\| "down"` | Either. |');
});

test("a module that was not announced is refused", () => {
  const door = join(folder, "index.ts");
  expect(() => openWorkspace([])(door)).toThrow(/no module with exports/);
});
