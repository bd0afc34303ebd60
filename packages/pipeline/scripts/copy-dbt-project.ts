import { cp, mkdir, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { PACKAGED_PROJECT, projectFiles } from "../src/transform/project.ts";

/** The last step of the build: the dbt project travels with the package, for those who have no clone. */
const own = fileURLToPath(new URL("..", import.meta.url));
const project = join(own, "..", "..", "dbt");
const copy = join(own, PACKAGED_PROJECT);

await rm(copy, { recursive: true, force: true });
for (const file of await projectFiles(project)) {
  const target = join(copy, relative(project, file));
  await mkdir(dirname(target), { recursive: true });
  await cp(file, target);
}
