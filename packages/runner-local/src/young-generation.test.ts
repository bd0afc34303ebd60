import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PROGRAM = `
  import { getHeapSpaceStatistics } from "node:v8";
  import { boundYoungGeneration } from ${JSON.stringify(new URL("young-generation.ts", import.meta.url).href)};
  const half = () => {
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    return (space.space_used_size + space.space_available_size) / 2 ** 20;
  };
  boundYoungGeneration();
  const bounded = half();
  let most = bounded;
  for (let round = 0; round < 40; round++) {
    const surviving = [];
    for (let object = 0; object < 50_000; object++) surviving.push({ object });
    most = Math.max(most, half());
  }
  console.log(JSON.stringify({ bounded, most }));
`;

test("the space for new objects grows to 4 MiB a half at once, and never beyond", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", PROGRAM]);
  const { bounded, most } = JSON.parse(stdout) as { readonly bounded: number; readonly most: number };
  expect(bounded).toBeCloseTo(4, 1);
  expect(most).toBeCloseTo(4, 1);
});
