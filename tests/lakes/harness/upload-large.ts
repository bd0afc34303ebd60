import { appendFileSync } from "node:fs";
import { openLake } from "@spacex-etl/lake-writers";
import { largeBody } from "./large-body.ts";

/**
 * A process that creates one large object: `upload-large.ts <lake> <key> <what>`. `what` as SPACEX_ETL_FAILPOINT: the
 * number of the effect at which the process ends as by `kill -9`, or `log:<file>` for their names.
 */
const [lake = "", key = "", what = ""] = process.argv.slice(2);
let reached = 0;
const store = await openLake(lake, {
  checkpoint: (name) => {
    reached += 1;
    if (what.startsWith("log:")) appendFileSync(what.slice("log:".length), `${name}\n`);
    else if (reached === Number(what)) process.kill(process.pid, "SIGKILL");
  },
  s3: { multipartBytes: 5 * 1024 * 1024 },
  gcs: { resumableBytes: 5 * 1024 * 1024 },
});
process.stdout.write(await store.createIfAbsent(key, largeBody()));
await store[Symbol.asyncDispose]?.();
