import { expect, test } from "vitest";
import { nodeProblem } from "./required-node.ts";

test.each(["20.20.1", "22.17.9", "18.0.0"])("Node %s is too old, and both versions are named", (version) => {
  const problem = nodeProblem(version, ">=22.18");
  expect(problem).toContain("Node 22.18 or newer");
  expect(problem).toContain(`Node ${version}`);
});

test.each(["22.18.0", "22.20.1", "23.0.0", "24.21.0"])("Node %s will do", (version) => {
  expect(nodeProblem(version, ">=22.18")).toBeUndefined();
});
