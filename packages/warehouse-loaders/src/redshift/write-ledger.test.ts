import { expect, test } from "vitest";
import type { LoadStatement } from "../loader/load-plan.ts";
import type { RedshiftSession } from "./session.ts";
import { writeLedger } from "./write-ledger.ts";

test("counts that a cast would cut are refused; the longest that fit are written", async () => {
  const written: unknown[] = [];
  const write = (_: LoadStatement, values?: readonly unknown[]) => Promise.resolve(written.push(values));
  const session = { write } as Partial<RedshiftSession> as RedshiftSession;
  const statement = {
    name: "ledger",
    phase: "transaction",
    purpose: "ledger",
    table: "_loads",
    sql: "",
  } as const;
  const counts = `"${"é".repeat(32_766)}"x`;
  await writeLedger(session, statement, { changed: true, counts });
  expect(written).toEqual([[true, counts]]);
  await expect(
    writeLedger(session, statement, { changed: true, counts: `${counts}y` }),
  ).rejects.toMatchObject({
    code: "TEXT_UNSUPPORTED",
  });
  expect(written).toHaveLength(1);
});
