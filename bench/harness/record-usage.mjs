// Preloaded into a measured process: writes what it used when it ends. Peak memory in KiB, times in microseconds.
import { writeFileSync } from "node:fs";

const file = process.env.SPACEX_ETL_USAGE_FILE;
// Processes that it starts are not measured.
delete process.env.SPACEX_ETL_USAGE_FILE;
delete process.env.NODE_OPTIONS;
if (file !== undefined) {
  process.on("exit", () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(file, JSON.stringify({ peakKiB: maxRSS, cpuMicroseconds: userCPUTime + systemCPUTime }));
  });
}
