import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig({
  ...base,
  entry: ["src/index.ts", "src/file/index.ts", "src/gcs/index.ts", "src/s3/index.ts", "src/testing/index.ts"],
});
