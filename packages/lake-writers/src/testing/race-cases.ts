import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { CREATORS, keysOf, largeBody, read, sha256, sha256Of, type Subject, text } from "./subject.ts";

/** Whoever is first wins, and nobody ever sees anything else. */
export function raceCases(subject: Subject): void {
  test(`of ${CREATORS} creators at once one wins, and all read the same`, async () => {
    const outcomes = await Promise.all(
      Array.from({ length: CREATORS }, async (_, n) => {
        const outcome = await subject.store.createIfAbsent(
          "race/key",
          text(`creator ${n}`.padEnd(10_000, ".")),
        );
        return { n, outcome, content: await read(subject.store, "race/key") };
      }),
    );
    const winners = outcomes.filter(({ outcome }) => outcome === "created");
    expect(winners).toHaveLength(1);
    expect(new Set(outcomes.map(({ content }) => content))).toEqual(
      new Set([`creator ${winners[0]?.n}`.padEnd(10_000, ".")]),
    );
  });

  test(`of ${CREATORS} creators of large objects at once one wins, and all read the same`, async () => {
    const bodies = Array.from({ length: CREATORS }, (_, n) => largeBody(subject.largeBytes, n));
    const outcomes = await Promise.all(
      bodies.map((body) => subject.store.createIfAbsent("race/large", body)),
    );
    const winner = outcomes.indexOf("created");
    expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(1);
    expect(await sha256Of(subject.store, "race/large")).toBe(sha256(bodies[winner] ?? new Uint8Array()));
    expect(await keysOf(subject.store, "race/large")).toEqual(["race/large"]);
  });

  test.each([
    ["small", 1000],
    ["large", subject.largeBytes],
  ])("of two creators of the same %s object at once each is told the truth", async (name, size) => {
    const body = largeBody(size, 1);
    const key = `race/same-${name}`;
    const create = (): Promise<string> => subject.store.createIfAbsent(key, body, { sha256: sha256(body) });
    const outcomes = await Promise.all([create(), create()]);
    expect(outcomes).toContain("created");
    expect(await sha256Of(subject.store, key)).toBe(sha256(body));
    expect(await create()).toBe("exists");
  });

  test("an object is not there or whole, never half", async () => {
    const body = randomBytes(subject.largeBytes);
    const state = { done: false };
    const creating = subject.store.createIfAbsent("whole/object", body).finally(() => (state.done = true));
    const sizes = new Set<number | undefined>();
    while (!state.done) {
      sizes.add((await subject.store.head("whole/object"))?.bytes);
      for await (const { bytes } of subject.store.list("whole/")) sizes.add(bytes);
    }
    expect(await creating).toBe("created");
    sizes.delete(undefined);
    sizes.delete(body.length);
    expect([...sizes]).toEqual([]);
    expect(await keysOf(subject.store, "whole/")).toEqual(["whole/object"]);
  });
}
