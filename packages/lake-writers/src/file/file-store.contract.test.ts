import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testObjectStore } from "../testing/index.ts";
import { fileStore } from "./index.ts";

testObjectStore({
  name: "file",
  open: async () => {
    const parent = await mkdtemp(join(tmpdir(), "lake #1 with spaces-"));
    return {
      store: fileStore({ root: join(parent, "made", "by the store") }),
      cleanup: () => rm(parent, { recursive: true, force: true }),
    };
  },
});
