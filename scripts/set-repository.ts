import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Writes `repository`, `homepage` and `bugs` into the package.json of every public package, from the address that a
 * workflow runs in. npm refuses a provenance whose repository is not the one in the package.json, and a fork must not
 * publish in another's name, so the address is not kept in the sources.
 *
 *     GITHUB_SERVER_URL=https://example.com GITHUB_REPOSITORY=owner/name node scripts/set-repository.ts
 */

const { GITHUB_SERVER_URL: server = "", GITHUB_REPOSITORY: repository = "" } = process.env;
if (!/^https:\/\/[^/]+$/.test(server) || !/^[^/\s]+\/[^/\s]+$/.test(repository)) {
  console.error(
    "GITHUB_SERVER_URL must be an https origin and GITHUB_REPOSITORY owner/name; a workflow has both.",
  );
  process.exit(2);
}

const address = `${server}/${repository}`;
const packages = fileURLToPath(new URL("../packages", import.meta.url));
for (const folder of readdirSync(packages)) {
  const file = join(packages, folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as { readonly private?: boolean };
  if (manifest.private === true) continue;
  const directory = `packages/${folder}`;
  const origin = {
    homepage: `${address}/tree/main/${directory}#readme`,
    bugs: { url: `${address}/issues` },
    repository: { type: "git", url: `git+${address}.git`, directory },
  };
  writeFileSync(file, `${JSON.stringify({ ...manifest, ...origin }, null, 2)}\n`);
  console.log(`packages/${folder}: ${address}`);
}
