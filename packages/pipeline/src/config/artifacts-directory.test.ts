import { expect, test } from "vitest";
import { configOf, cwd } from "../../test/config-of.ts";

const BIGQUERY = "bigquery://my-project/raw_data?location=EU";

test("dbt's artifacts are kept beside a file, and of a service in the default state folder", () => {
  const folder = (words: string): string => configOf(words).dbt.artifactsDirectory;
  expect(folder("transform")).toBe(`${cwd}/.spacex-etl/dbt/warehouse`);
  expect(folder("transform --warehouse /data/w.db")).toBe("/data/dbt/w");
  expect(folder(`transform --warehouse ${BIGQUERY}`)).toMatch(
    /^\/srv\/ada\/\.spacex-etl\/dbt\/bigquery-my-project-raw_data-[0-9a-f]{8}$/,
  );
  const redshift = (place: string): string =>
    folder(`transform --lake s3://lake --warehouse redshift://u@${place}?iamRole=default`);
  expect(redshift("[::1]/a%20b")).toMatch(/\/redshift-_1-5439-a_b-raw-[0-9a-f]{8}$/);
  const places = ["h/a%20b", "h/a%21b", "h:1/a%20b", "h/A%20b", `h/${"x".repeat(127)}`, "h/a-raw"];
  expect(new Set(places.map((place) => redshift(place).toLowerCase())).size).toBe(places.length);
  expect(redshift("h/d")).toBe(redshift("h:05439/d"));
});
