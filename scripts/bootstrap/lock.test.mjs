import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { takeLock } from "./lock.mjs";

const lockModule = new URL("lock.mjs", import.meta.url).href;
const here = hostname().replaceAll(/[^A-Za-z0-9-]/g, "_");
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const onLost = () => {
  throw new Error("lost");
};

function endedProcess() {
  return spawnSync(process.execPath, ["-e", "0"]).pid;
}

test("of many processes one at a time holds the lock", async () => {
  const counter = join(folder, "counter");
  writeFileSync(counter, "0");
  const script = `
    import { readFileSync, writeFileSync } from "node:fs";
    import { setTimeout } from "node:timers/promises";
    import { takeLock } from ${JSON.stringify(lockModule)};
    const lock = await takeLock(${JSON.stringify(join(folder, "lock"))}, { onWait() {}, onLost() {} });
    const count = Number(readFileSync(${JSON.stringify(counter)}, "utf8"));
    await setTimeout(50);
    writeFileSync(${JSON.stringify(counter)}, String(count + 1));
    lock.release();`;
  const ends = Array.from({ length: 5 }, () =>
    once(spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" }), "exit"),
  );
  for (const [code] of await Promise.all(ends)) expect(code).toBe(0);
  expect(readFileSync(counter, "utf8")).toBe("5");
  expect(readdirSync(join(folder, "lock"))).toEqual([]);
});

test("the lock of a process that died is taken over without a word", async () => {
  writeFileSync(join(folder, `${here}.${endedProcess()}.aaaa`), "[]");
  let waited = false;
  const lock = await takeLock(folder, { onWait: () => (waited = true), onLost });
  expect(waited).toBe(false);
  expect(readdirSync(folder)).toHaveLength(1);
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

test("a tool that outlives its killed bootstrap keeps the lock until it ends", async () => {
  const orphan = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const dead = endedProcess();
  writeFileSync(join(folder, `${here}.${dead}.aaaa`), JSON.stringify([orphan.pid]));
  const waitedFor = [];
  const taking = takeLock(folder, {
    onWait: (pid) => {
      waitedFor.push(pid);
      orphan.kill();
    },
    onLost,
  });
  const lock = await taking;
  expect(waitedFor).toEqual([String(dead)]);
  expect(orphan.killed).toBe(true);
  lock.release();
});
