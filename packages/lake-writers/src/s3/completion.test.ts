import { expect, test } from "vitest";
import { type Answer, refusal, xml } from "../../test/scripted-s3.ts";
import { composite, digest, LARGE, scriptedUpload as upload } from "../../test/scripted-upload.ts";

test("a conflict at the completion begins a new upload", async () => {
  const { store, seen, server } = await upload((kind, before) =>
    kind === "complete" && before === 0 ? refusal(409, "ConditionalRequestConflict") : undefined,
  );
  expect(await store.createIfAbsent("x", LARGE)).toBe("created");
  expect(seen.filter((kind) => kind === "begin")).toHaveLength(2);
  expect(seen.filter((kind) => kind === "abort")).toHaveLength(1);
  expect(server.asked.at(-1)?.query.get("uploadId")).toBe("id2");
});

for (const [answer, second] of [
  ["gone", refusal(404, "NoSuchUpload")],
  ["taken", refusal(412, "PreconditionFailed")],
] as const) {
  test(`a completion whose answer was lost is found by the checksum of the parts: ${answer}`, async () => {
    const { store, seen } = await upload((kind, before) => {
      if (kind === "complete") return before === 0 ? "reset" : second;
      if (kind === "head" && before > 0)
        return { headers: { "content-length": String(LARGE.length), "x-amz-checksum-sha256": composite } };
      return undefined;
    });
    expect(await store.createIfAbsent("x", LARGE)).toBe("created");
    expect(seen.filter((kind) => kind === "begin")).toHaveLength(1);
    expect(seen).not.toContain("get");
  });
}

test("an error within a completion that began well is an error", async () => {
  const inside = xml(
    "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>",
  );
  const { store, seen } = await upload((kind, before) =>
    kind === "complete" && before === 0 ? inside : undefined,
  );
  expect(await store.createIfAbsent("x", LARGE)).toBe("created");
  expect(seen.filter((kind) => kind === "complete")).toHaveLength(2);
});

test("a conflict within a completion that began well is the same conflict", async () => {
  const inside = (code: string): Answer => xml(`<Error><Code>${code}</Code><Message>m</Message></Error>`);
  const conflict = await upload((kind, before) =>
    kind === "complete" && before === 0 ? inside("ConditionalRequestConflict") : undefined,
  );
  expect(await conflict.store.createIfAbsent("x", LARGE)).toBe("created");
  expect(conflict.seen.filter((kind) => kind === "begin")).toHaveLength(2);
  const taken = await upload((kind) => (kind === "complete" ? inside("PreconditionFailed") : undefined));
  expect(await taken.store.createIfAbsent("x", LARGE)).toBe("exists");
  expect(taken.seen.filter((kind) => kind === "complete")).toHaveLength(1);
});

for (const [whose, outcome] of [
  ["ours", "created"],
  ["another's", "exists"],
] as const) {
  test(`an object that appears after a round that nobody saw the end of is ${whose}`, async () => {
    const content = whose === "ours" ? LARGE : Buffer.alloc(LARGE.length);
    const whole = digest(content).toString("base64");
    const { store, seen } = await upload((kind, before) => {
      if (kind === "complete") return before === 0 ? "reset" : refusal(404, "NoSuchUpload");
      if (kind === "head" && before > 1)
        return { headers: { "content-length": String(LARGE.length), "x-amz-checksum-sha256": whole } };
      return kind === "get" ? { body: content } : undefined;
    });
    expect(await store.createIfAbsent("x", LARGE)).toBe(outcome);
    expect(seen.filter((kind) => kind === "begin")).toHaveLength(1);
  });
}
