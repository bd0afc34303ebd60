import { tmpdir } from "node:os";
import { isAbsolute, relative } from "node:path";
import { expect, test, vi } from "vitest";
import { openEngine } from "./engine.ts";

test("the work folder is absolute where the folder of temporary files is relative", async () => {
  vi.stubEnv("TMPDIR", relative(process.cwd(), tmpdir()));
  try {
    expect(isAbsolute(tmpdir())).toBe(false);
    await using engine = await openEngine("64MB");
    expect(isAbsolute(engine.workFolder)).toBe(true);
  } finally {
    vi.unstubAllEnvs();
  }
});
