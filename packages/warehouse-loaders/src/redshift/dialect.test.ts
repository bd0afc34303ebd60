import { expect, test } from "vitest";
import { redshiftDialect } from "./dialect.ts";

const dialect = redshiftDialect("raw", [
  {
    name: "orders",
    writable: true,
    rows: 0,
    liveRows: 0,
    columns: [{ name: "note", type: "character varying(256)", nullable: false }],
  },
]);

test("a column holds what it was made for; how long a text may be is asked of each value", () => {
  expect(dialect.holds("string", "character varying(10)")).toBe(true);
  expect(dialect.holds("int64", "bigint")).toBe(true);
  expect(dialect.holds("int64", "integer")).toBe(false);
  expect(dialect.holds("float64", "numeric(18,0)")).toBe(false);
  expect(dialect.holds("timestamp", "timestamp with time zone")).toBe(false);
  expect(dialect.columnType("string")).toBe("VARCHAR(65535)");
});

test("the SQL for people is what Redshift has: no DROP NOT NULL, no change of type", () => {
  expect(dialect.dropNotNullSql("orders", "note")).toBe(
    'ALTER TABLE "raw"."orders" ADD COLUMN "note_nullable" character varying(256); ' +
      'UPDATE "raw"."orders" SET "note_nullable" = "note"; ' +
      'ALTER TABLE "raw"."orders" DROP COLUMN "note"; ' +
      'ALTER TABLE "raw"."orders" RENAME COLUMN "note_nullable" TO "note";',
  );
  const column = { name: "total", type: "string", nullable: true, required: false } as const;
  expect(dialect.changeTypeSql("orders", column, "bigint")).toBeUndefined();
  expect(dialect.startOverSql(["orders", "orders__lines"])).toBe(
    'DROP TABLE IF EXISTS "raw"."orders", "raw"."orders__lines"; ' +
      `DELETE FROM "raw"."_tables" WHERE table_name IN ('orders', 'orders__lines');`,
  );
});
