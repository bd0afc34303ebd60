import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { root } from "./paths.mjs";

/**
 * Folders of the workspace's packages, relative to the clone. Reads as much YAML as the list at the head of
 * pnpm-workspace.yaml needs: `- folder` and `- folder/*`.
 */
export function packageFolders() {
  const patterns = packagePatterns(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8"));
  return patterns
    .flatMap((pattern) => (pattern.endsWith("/*") ? inside(pattern.slice(0, -2)) : [pattern]))
    .filter((folder) => existsSync(join(root, folder, "package.json")));
}

/** @param {string} yaml @returns {readonly string[]} */
export function packagePatterns(yaml) {
  const list = /^packages:\n((?:[ \t]*-.*\n|[ \t]*#.*\n)*)/m.exec(yaml.replaceAll("\r\n", "\n"))?.[1] ?? "";
  return [...list.matchAll(/^[ \t]*-[ \t]*["']?([^"'#\s]+)/gm)].flatMap(([, pattern]) => pattern ?? []);
}

/** @param {string} folder */
function inside(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .sort()
    .map((name) => `${folder}/${name}`);
}
