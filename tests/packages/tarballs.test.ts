import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import {
  cleanEnvironment,
  command,
  type Manifest,
  publicPackages,
  readManifest,
  unpack,
} from "./harness/index.ts";

const tarballs = inject("tarballs");
const folder = mkdtempSync(join(tmpdir(), "spacex-etl-unpacked-"));

/** What a tarball may hold at its top, beside the files that every one must hold. */
const TOP = ["dist", "src"];
const EXTRAS: Readonly<Record<string, readonly string[]>> = {
  pipeline: ["dist/dbt/dbt_project.yml", "dist/dbt/tests"],
  "spacex-simulator": ["snapshot"],
};
const REQUIRED = ["LICENSE", "README.md", "package.json"];

/** What belongs to the workspace only. */
const LEFT_OUT = /\.(test|test-d)\.|(^|\/)(test|tests|fixtures|golden|__\w+__|node_modules)\/|\.tsbuildinfo$/;

beforeAll(async () => {
  for (const tarball of tarballs) await unpack(tarball, join(folder, tarball.name));
});

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

test("every public package is packed", () => {
  expect(tarballs.map(({ name }) => name)).toEqual(publicPackages().map(({ name }) => name));
  expect(tarballs).toHaveLength(7);
});

describe.each(tarballs)("$name", (tarball) => {
  const { name, manifest, files } = tarball;
  const root = join(folder, name);

  test("holds what a user needs and nothing else", () => {
    const extras = EXTRAS[name] ?? [];
    const allowed = [...TOP, ...extras, ...REQUIRED, "CHANGELOG.md"];
    expect(files.filter((file) => !allowed.includes(file.split("/")[0] ?? ""))).toEqual([]);
    expect(
      files.filter((file) => LEFT_OUT.test(file) && !extras.some((extra) => file.startsWith(extra))),
    ).toEqual([]);
    expect(files).toEqual(expect.arrayContaining([...REQUIRED, ...extras.map(anyIn(files))]));
    // The first release makes it.
    if (manifest.version !== "0.0.0") expect(files).toContain("CHANGELOG.md");
  });

  test("publint has nothing to say", async () => {
    const { messages } = await publint({ pkgDir: root, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, readManifest(root), { color: false }))).toEqual(
      [],
    );
  });

  test("types resolve wherever ES modules do", async () => {
    const { code, output } = await command(
      process.execPath,
      [attw, tarball.path, "--profile", "esm-only", "--no-color", "--no-emoji"],
      { cwd: folder, env: cleanEnvironment() },
    );
    expect(code, output).toBe(0);
  });

  test("every door leads to a file, types before code", () => {
    for (const [door, target] of Object.entries(manifest.exports ?? {})) {
      if (door === "./package.json") continue;
      const { "@spacex-etl/source": source, ...conditions } = target as Readonly<Record<string, string>>;
      expect(Object.keys(conditions), door).toEqual(["types", "default"]);
      for (const path of [source, ...Object.values(conditions)]) expect(files).toContain(path?.slice(2));
    }
    for (const path of Object.values(manifest.bin ?? {})) {
      expect(readFileSync(join(root, path), "utf8").split("\n", 1)).toEqual(["#!/usr/bin/env node"]);
    }
  });

  test("code and types lead back to their sources", () => {
    const mapped = files.filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file));
    expect(mapped.length).toBeGreaterThan(1);
    for (const file of mapped) {
      expect(files).toContain(`${file}.map`);
      const map = JSON.parse(readFileSync(join(root, `${file}.map`), "utf8")) as SourceMap;
      // A chunk that only passes names on has no sources.
      for (const [index, source] of map.sources.entries()) {
        const path = posix.join(posix.dirname(file), source);
        expect(map.sourcesContent?.[index] !== undefined || files.includes(path), `${file}: ${path}`).toBe(
          true,
        );
      }
    }
  });

  test("whatever it imports comes with it", () => {
    const declared = { ...manifest.dependencies, ...manifest.peerDependencies, [manifest.name]: "itself" };
    const imported = files
      .filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file))
      .flatMap((file) => importsOf(readFileSync(join(root, file), "utf8")));
    expect([...new Set(imported)].filter((dependency) => !(dependency in declared))).toEqual([]);
  });

  test("its package.json says what is true anywhere", () => {
    expect(JSON.stringify(manifest)).not.toMatch(/"(workspace|catalog|link|file):/);
    expect(manifest["description"]).toMatch(/\w/);
    expect(manifest["keywords"]).not.toEqual([]);
    expect(manifest).toMatchObject({
      license: "MIT",
      type: "module",
      engines: { node: ">=22.18" },
      publishConfig: { access: "public", provenance: true },
    });
    expect(Object.keys((manifest["scripts"] ?? {}) as object)).not.toContain("postinstall");
  });
});

test("all have one version, and ask each other for it", () => {
  const versions = new Set(tarballs.map(({ manifest }) => manifest.version));
  expect(versions.size).toBe(1);
  for (const { manifest } of tarballs) {
    for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
      if (name.startsWith("@spacex-etl/"))
        expect(range, `${manifest.name} → ${name}`).toBe(`^${manifest.version}`);
    }
  }
});

test("zod, DuckDB and vitest are the user's own, and only zod must be there", () => {
  const peers = Object.fromEntries(tarballs.map(({ name, manifest }) => [name, peersOf(manifest)]));
  expect(peers).toEqual({
    contracts: ["zod"],
    "lake-writers": [
      ...CLOUD_SDKS.slice(0, 2),
      "@duckdb/node-api?",
      ...CLOUD_SDKS.slice(2),
      "vitest?",
      "zod",
    ],
    // The pipeline and the command line are whole programs, not parts of one. Buckets and warehouses are for some of their users.
    pipeline: PROGRAM_PEERS,
    "runner-local": PROGRAM_PEERS,
    "spacex-client": ["zod"],
    "spacex-simulator": ["zod"],
    "warehouse-loaders": ["@duckdb/node-api?", ...WAREHOUSE_CLIENTS, "vitest?", "zod"],
  });
});

test("ranges leave room for newer versions", () => {
  for (const { manifest } of tarballs) {
    for (const range of Object.values({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      expect(range, manifest.name).toMatch(/^\^/);
    }
  }
});

test("a package hands on what its own dependencies ask of it", () => {
  for (const { manifest } of tarballs) {
    const offered = { ...manifest.dependencies, ...manifest.peerDependencies };
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      const asked = tarballs.find((candidate) => candidate.manifest.name === dependency)?.manifest;
      const required = asked === undefined ? [] : peersOf(asked).filter((peer) => !peer.endsWith("?"));
      for (const peer of required)
        expect(Object.keys(offered), `${manifest.name} → ${dependency}`).toContain(peer);
    }
  }
});

const CLOUD_SDKS = ["@aws-sdk/client-s3?", "@aws-sdk/lib-storage?", "@google-cloud/storage?"];
const WAREHOUSE_CLIENTS = ["@google-cloud/bigquery?", "google-auth-library?", "pg?"];
/** Asked for temporary credentials. */
const IAM_SDKS = ["@aws-sdk/client-redshift?", "@aws-sdk/client-redshift-serverless?"];
const PROGRAM_PEERS = [...IAM_SDKS, ...[...CLOUD_SDKS, ...WAREHOUSE_CLIENTS].sort()];

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly string[];
}

const attw = join(
  dirname(createRequire(import.meta.url).resolve("@arethetypeswrong/cli/package.json")),
  "dist",
  "index.js",
);

/** Something of the folder; the folder itself where there is nothing, so that the test says which is missing. */
function anyIn(files: readonly string[]): (extra: string) => string {
  return (extra) => files.find((file) => file === extra || file.startsWith(`${extra}/`)) ?? extra;
}

/** Names of the packages that a module imports, Node's own left out. */
function importsOf(text: string): readonly string[] {
  const specifiers = [
    ...text.matchAll(
      /^(?:import|export)\b[^"';]*?from\s*["']([^"']+)["']|\bimport\(["']([^"']+)["']\)|^import\s*["']([^"']+)["']/gm,
    ),
  ];
  return specifiers
    .map(([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? "")
    .filter((specifier) => !/^(\.|node:)/.test(specifier))
    .map((specifier) =>
      specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/"),
    );
}

/** Names of the peers, the optional ones with a question mark. */
function peersOf({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): readonly string[] {
  return Object.keys(peerDependencies)
    .sort()
    .map((name) => (peerDependenciesMeta[name]?.optional === true ? `${name}?` : name));
}
