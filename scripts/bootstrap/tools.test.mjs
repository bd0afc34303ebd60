import { delimiter, join } from "node:path";

import { describe, expect, test } from "vitest";

import { attempt } from "./command.mjs";
import { withPath, withoutNpm } from "./environment.mjs";
import { isGoodNode } from "./node.mjs";
import { nodePackages } from "./pins.mjs";
import { needsOf } from "./plan.mjs";
import { isGood } from "./python.mjs";
import { packagePatterns } from "./workspace.mjs";

const env = /** @type {Record<string, string>} */ ({ ...process.env });

test.each([
  ["20.20.2", false],
  ["22.17.1", false],
  ["22.18.0", true],
  ["23.11.0", false],
  ["24.10.0", false],
  ["24.11.0", true],
  ["25.2.0", false],
  ["26.0.0", true],
])("Node %s is good: %s", (version, good) => expect(isGoodNode(version)).toBe(good));

test("every pinned Node is one that is accepted", () => {
  for (const { version } of Object.values(nodePackages)) expect(isGoodNode(version), version).toBe(true);
});

test("Python 3.11 to 3.13 are good", () => {
  const good = ["2.7.18", "3.10.13", "3.11.0", "3.12.1", "3.13.9", "3.14.0", "3"].filter(isGood);
  expect(good).toEqual(["3.11.0", "3.12.1", "3.13.9"]);
});

describe("the environment of nested tools", () => {
  test("loses what the calling npm is busy with, keeps the way to the registry", () => {
    const kept = {
      npm_config_cafile: "c",
      npm_config_https_proxy: "p",
      "npm_config_@a:registry": "r",
      HOME: "h",
    };
    const lost = {
      npm_config_package: "x",
      npm_config_local_prefix: "x",
      npm_lifecycle_event: "x",
      npm_command: "x",
    };
    const clean = withoutNpm({ ...kept, ...lost });
    expect(clean).toMatchObject(kept);
    for (const name of Object.keys(lost)) expect(clean).not.toHaveProperty(name);
  });

  test("finds our tools first, each folder once", () => {
    const [first, second, third] = (
      withPath({ Path: ["/b", "/a"].join(delimiter) }, ["/a"]).Path ?? ""
    ).split(delimiter);
    expect(first).toBe("/a");
    expect(second).toContain(join("node_modules", ".bin"));
    expect(third).toBe("/b");
  });
});

describe("what a command needs", () => {
  test("dbt only where it is started", () => {
    expect(needsOf("start", [])?.dbt).toBe(true);
    expect(needsOf("start", ["--no-transform"])?.dbt).toBe(false);
    expect(needsOf("spacex-etl", ["run", "--api", "live"])?.dbt).toBe(true);
    expect(needsOf("spacex-etl", ["extract"])?.dbt).toBe(false);
    expect(needsOf("spacex-etl", ["run", "--help"])?.dbt).toBe(false);
  });

  test("pnpm itself runs before the packages can be installed; an unknown mode is refused", () => {
    expect(needsOf("exec", ["pnpm", "install"])?.packages).toBe(false);
    expect(needsOf("exec", ["oxlint"])?.packages).toBe(true);
    expect(needsOf("exec", [])).toBeUndefined();
    expect(needsOf("stort", [])).toBeUndefined();
  });
});

test("the package list of pnpm-workspace.yaml", () => {
  const yaml = `# head\npackages:\n  - packages/*\n  # tests\n  - "tests"\n\ncatalog:\n  - no\n`;
  expect(packagePatterns(yaml)).toEqual(["packages/*", "tests"]);
});

describe("a tool that fails", () => {
  test("leaves its last 40 lines, without colours and overwritten progress", async () => {
    const script = `for (let i = 1; i <= 100; i++) console.error("\\x1b[31mline " + i + "\\x1b[0m");
      process.stdout.write("10 %\\r20 %\\rdone\\n"); process.exitCode = 3;`;
    const { ok, tail } = await attempt(process.execPath, ["-e", script], { env });
    expect(ok).toBe(false);
    expect(tail).toHaveLength(40);
    expect(tail).toContain("line 100");
    expect(tail).toContain("done");
    expect(tail).not.toContain("line 60");
  });

  test("that is not there fails too", async () => {
    const { ok, tail } = await attempt("no-such-program-here", [], { env });
    expect(ok).toBe(false);
    expect(tail.join(" ")).toContain("ENOENT");
  });
});
