import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesOf, keysOf } from "../../lakes/harness/lake.ts";
import { showLogOfFailures } from "../../lakes/harness/bucket.ts";
import { type CloudSite, ENGINES, openCloudSite } from "./harness/cloud-site.ts";

/** The stand-in's own password, which every command is given. */
const PASSWORD = "stand-in-password";
const PLANTED = {
  wrong: "planted-wrong-password-0123456789",
  inAddress: "planted-in-address-0123456789",
  hidden: "planted-hidden-0123456789",
  apiKey: "AIzaPLANTED0123456789abcdefghijklmnopqr",
} as const;
const SECRETS = [PASSWORD, ...Object.values(PLANTED)];

describe.each(ENGINES)("secrets around %s", (engine) => {
  const said: { readonly where: string; readonly text: string }[] = [];
  let cloud: CloudSite;

  beforeAll(async () => {
    cloud = await openCloudSite(engine, { collections: "crew" });
  });
  afterAll(() => cloud?.[Symbol.asyncDispose]());
  showLogOfFailures(() => cloud.bucket);

  async function say(words: string, more: Record<string, string> = {}): Promise<number | null> {
    const env = { SPACEX_ETL_DEBUG: "1", ...more };
    const { code, output } = await cloud.site.plain(words, { env });
    said.push({ where: words, text: output });
    return code;
  }

  test("every command, in success and for programs", async () => {
    for (const words of ["plan", "doctor", "run --run-id r1", "plan --run-id r1", "run --run-id r2", "gc"]) {
      expect(await say(words), said.at(-1)?.text).toBe(0);
      expect(await say(`${words} --json`), said.at(-1)?.text).toBe(0);
    }
  });

  test("refused", async () => {
    const address = (before: string): Record<string, string> => ({
      WAREHOUSE_URL: cloud.warehouse.replace("://", `://${before}`),
    });
    for (const words of ["run --run-id r3", "doctor --json", "plan"]) {
      expect(await say(words, address(`ada:${PLANTED.inAddress}@`))).toBe(2);
      expect(await say(words, { WAREHOUSE_URL: `${cloud.warehouse}&password=${PLANTED.inAddress}` })).toBe(2);
      expect(await say(words, { WAREHOUSE_URL: `${cloud.warehouse}&${PLANTED.apiKey}` })).toBe(2);
    }
    const scheme = engine;
    for (const rest of [
      `//u@host/db?iamRole=arn:aws:iam::000000000000:role/a@b&password=${PLANTED.hidden}`,
      `//proj/raw?impersonate=a@b&password=${PLANTED.hidden}`,
      `//u@host/db?password=x@${PLANTED.hidden}`,
      `//u:x?${PLANTED.hidden}@host/db`,
      `//u:${PLANTED.hidden}/db`,
      `u:${PLANTED.hidden}/db`,
    ])
      for (const given of [`${scheme}:${rest}`, `postgres:${rest}`])
        expect(await say("plan", { WAREHOUSE_URL: given }), given).toBe(2);
    expect(await say(`${scheme}://u:${PLANTED.hidden}@host/db`)).toBe(2);
    expect(await say(`plan ${scheme}://u:${PLANTED.hidden}@host/db`)).toBe(2);
    if (engine === "redshift") {
      for (const words of ["run --run-id r3 --json", "doctor", "plan", "load --run-id r1"])
        expect(await say(words, { REDSHIFT_PASSWORD: PLANTED.wrong })).toBe(3);
    }
  });

  test("nothing of it came out, nor went into the lake or a statement", async () => {
    expect(said.length).toBeGreaterThan(20);
    for (const { where, text } of said)
      for (const secret of SECRETS) expect(text, where).not.toContain(secret);
    const { written, jobs } = cloud.seen();
    for (const secret of SECRETS) expect([...written, ...jobs].join("\n")).not.toContain(secret);
    const store = await cloud.bucket.openDirectly("a/lake");
    for (const key of await keysOf(store)) {
      const bytes = await bytesOf(store, key);
      for (const secret of SECRETS) expect(bytes.includes(secret), key).toBe(false);
    }
    await store[Symbol.asyncDispose]?.();
  });
});
