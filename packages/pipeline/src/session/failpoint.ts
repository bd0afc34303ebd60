import { appendFileSync } from "node:fs";
import type { Checkpoint } from "@spacex-etl/contracts";

/**
 * For crash tests, of this and of other programs. `SPACEX_ETL_FAILPOINT=17` ends the process at its 17th effect as
 * `kill -9` would, `SPACEX_ETL_FAILPOINT=before dbt build` at the first one of that name, and
 * `SPACEX_ETL_FAILPOINT=log:<file>` writes the names of all effects to a file. Without the variable it does nothing.
 */
export function failpoint(setting: string | undefined): Checkpoint {
  if (setting === undefined || setting === "") return () => undefined;
  if (setting.startsWith("log:")) {
    const file = setting.slice("log:".length);
    return (name) => appendFileSync(file, `${name}\n`);
  }
  const number = Number(setting);
  let reached = 0;
  return (name) => {
    reached++;
    if (reached === number || name === setting) process.kill(process.pid, "SIGKILL");
  };
}
