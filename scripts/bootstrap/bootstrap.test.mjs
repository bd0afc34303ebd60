import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

const scripts = dirname(dirname(fileURLToPath(import.meta.url)));

describe("prerequisites", () => {
  let clone = "";
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), "clone-"));
    cpSync(join(scripts, "bootstrap.mjs"), join(clone, "scripts", "bootstrap.mjs"));
    cpSync(join(scripts, "bootstrap"), join(clone, "scripts", "bootstrap"), { recursive: true });
    writeFileSync(join(clone, "pnpm-workspace.yaml"), "packages:\n  - packages/*\n");
    mkdirSync(join(clone, "bin"));
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  function bootstrap(...args) {
    const script = join(clone, "scripts", "bootstrap.mjs");
    const env = { PATH: join(clone, "bin") };
    return spawnSync(process.execPath, [script, ...args], { env, encoding: "utf8" });
  }

  test.each(["start", "test"])(
    "%s without Python stops at once, fetches nothing and says how to go on",
    (mode) => {
      const { status, stdout, stderr } = bootstrap(mode);
      expect(status).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toContain("Python 3.11, 3.12 or 3.13");
      expect(stderr).toContain("npm start -- --no-transform");
      expect(existsSync(join(clone, ".tools"))).toBe(false);
    },
  );

  test.runIf(process.platform !== "win32")("a Python that is too old, or has no venv, is named", () => {
    const python = join(clone, "bin", "python3");
    writeFileSync(python, "#!/bin/sh\necho '3.9.2|venv|/x'\n", { mode: 0o755 });
    expect(bootstrap("start").stderr).toContain("found: 3.9.2");
    writeFileSync(python, "#!/bin/sh\necho '3.11.2|bare|/x'\n", { mode: 0o755 });
    expect(bootstrap("start").stderr).toContain("apt install python3-venv");
  });

  test("a package-lock.json is refused", () => {
    writeFileSync(join(clone, "package-lock.json"), "{}");
    const { status, stderr } = bootstrap("start", "--no-transform");
    expect(status).toBe(2);
    expect(stderr).toContain("package-lock.json");
  });

  test("an unknown mode prints the usage", () => {
    const { status, stderr } = bootstrap("stort");
    expect(status).toBe(2);
    expect(stderr).toContain("npm start");
  });
});

describe("the job", () => {
  const jobModule = JSON.stringify(new URL("job.mjs", import.meta.url).href);

  /** Runs `runJob` in a process of its own, as the bootstrap does. */
  function start(file, ...args) {
    const job = JSON.stringify({ file, args, cwd: tmpdir() });
    const script = `import { runJob } from ${jobModule}; process.exitCode = await runJob(${job}, process.env);`;
    return spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  test.each([0, 1, 7, 143])("its exit code %d is ours", async (code) => {
    const [ours] = await once(start(process.execPath, "-e", `process.exit(${code})`), "exit");
    expect(ours).toBe(code);
  });

  test("a program that is not there is 127", async () => {
    const [code] = await once(start("no-such-program-here"), "exit");
    expect(code).toBe(127);
  });

  test.runIf(process.platform !== "win32")("killed by a signal it is 128 + the signal's number", async () => {
    const [code] = await once(start(process.execPath, "-e", "process.kill(process.pid, 'SIGKILL')"), "exit");
    expect(code).toBe(137);
  });

  test.runIf(process.platform !== "win32")("a signal reaches it once, however often it is sent", async () => {
    const script = `let n = 0; process.on("SIGTERM", () => { n++; setTimeout(() => process.exit(n), 300); });
      setInterval(() => {}, 1000); console.log("ready");`;
    const ours = start(process.execPath, "-e", script);
    const ended = once(ours, "exit");
    await once(ours.stdout, "data");
    ours.kill("SIGTERM");
    ours.kill("SIGTERM");
    const [code] = await ended;
    expect(code).toBe(1);
  });
});
