import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { configOf, cwd, errorOf } from "../../test/config-of.ts";

const ROLE = "arn:aws:iam::123456789012:role/etl/load+1=a";
const REDSHIFT = `redshift://loader@cluster.abc.eu-central-1.redshift.amazonaws.com/dev?iamRole=${ROLE}`;
const BIGQUERY = "bigquery://my-project/raw_data?location=EU";

/** With a lake that each of them takes. */
const bigquery = (address: string) =>
  configOf(`run --api live --lake gs://lake --warehouse ${address}`).warehouse;
const redshift = (address: string, env: Record<string, string> = {}) =>
  configOf(`load --lake s3://lake --warehouse ${address}`, env).warehouse;

test("a dataset of BigQuery, with its location alone and with all that it may have", () => {
  expect(bigquery(BIGQUERY)).toEqual({
    kind: "bigquery",
    project: "my-project",
    dataset: "raw_data",
    location: "EU",
    url: BIGQUERY,
    display: "bigquery://my-project/raw_data",
  });
  const all =
    "bigquery://example.com:my-project/raw/?location=europe-WEST3&endpoint=https://bigquery.example:9050/&jobProject=jobs-1" +
    "&kmsKey=projects/p/locations/l/keyRings/r/cryptoKeys/k&impersonate=sa%40my-project.iam.gserviceaccount.com" +
    "&maximumBytesBilled=10000000000&labels=team:data,env:&partitionBy=launches:date_utc,crew__launches:_loaded_at";
  expect(bigquery(all)).toEqual({
    kind: "bigquery",
    project: "example.com:my-project",
    dataset: "raw",
    location: "europe-west3",
    endpoint: "https://bigquery.example:9050",
    jobProject: "jobs-1",
    kmsKey: "projects/p/locations/l/keyRings/r/cryptoKeys/k",
    impersonate: "sa@my-project.iam.gserviceaccount.com",
    maximumBytesBilled: 10_000_000_000,
    labels: { team: "data", env: "" },
    partitionBy: { launches: "date_utc", crew__launches: "_loaded_at" },
    url: all,
    display: "bigquery://example.com:my-project/raw",
  });
  expect(bigquery("bigquery://my-project/raw?location=us")).toMatchObject({ location: "US" });
});

test("a schema of Redshift, with the defaults and with all that it may have", () => {
  expect(redshift(REDSHIFT)).toEqual({
    kind: "redshift",
    host: "cluster.abc.eu-central-1.redshift.amazonaws.com",
    port: 5439,
    user: "loader",
    database: "dev",
    schema: "raw",
    iamRole: ROLE,
    sslmode: "verify-full",
    password: expect.any(Function),
    url: "redshift://loader@cluster.abc.eu-central-1.redshift.amazonaws.com/dev?schema=raw&iamRole=arn:aws:iam::123456789012:role/etl/load%2B1=a",
    display: "redshift://loader@cluster.abc.eu-central-1.redshift.amazonaws.com/dev?schema=raw",
  });
  const chained = `redshift://IAM%3Aada%40x@[::1]:15439/my%20db/?schema=raw%20%26%20new&iamRole=${ROLE},${ROLE}&sslmode=verify-full&ca=certs/ca.pem`;
  expect(redshift(chained)).toMatchObject({
    host: "::1",
    port: 15_439,
    user: "IAM:ada@x",
    database: "my db",
    schema: "raw & new",
    iamRole: `${ROLE},${ROLE}`,
    sslmode: "verify-full",
    ca: `${cwd}/certs/ca.pem`,
    display: "redshift://IAM%3Aada%40x@[::1]:15439/my%20db?schema=raw%20%26%20new",
  });
  expect(redshift(`redshift://u@h/d?iamRole=default&sslmode=disable`)).toMatchObject({
    iamRole: "default",
    sslmode: "disable",
  });
});

test("the address of a configuration leads to the same place again, from anywhere", () => {
  const given = redshift("redshift://a%40b@H:1/d%2Fe?schema=x%26y%25+z&iamRole=default&ca=./ca.pem");
  if (given.kind !== "redshift") throw new Error("another kind");
  const env = { LAKE_URL: "s3://lake", WAREHOUSE_URL: given.url };
  const { warehouse } = configOf("load", env);
  expect({ ...warehouse, password: given.password }).toEqual(given);
});

test("a port is shown as the number that it is", () => {
  for (const [given, shown] of [
    ["H:05439", "h:5439"],
    ["[::1]:00001", "[::1]:1"],
    ["H", "h"],
  ])
    expect(redshift(`redshift://u@${given}/d?iamRole=default`)).toMatchObject({
      display: `redshift://u@${shown}/d?schema=raw`,
      url: `redshift://u@${shown}/d?schema=raw&iamRole=default`,
    });
});

test("the password of Redshift comes from the environment, when it is asked for, and is printed by nothing", () => {
  const env: Record<string, string> = { REDSHIFT_PASSWORD: "hunter2" };
  const warehouse = redshift(REDSHIFT, env);
  if (warehouse.kind !== "redshift") throw new Error("another kind");
  expect(warehouse.password()).toBe("hunter2");
  env["REDSHIFT_PASSWORD"] = "renewed";
  expect(warehouse.password()).toBe("renewed");
  env["REDSHIFT_PASSWORD"] = "";
  expect(warehouse.password()).toBeUndefined();
  env["REDSHIFT_PASSWORD"] = "hunter2";
  expect(`${JSON.stringify(warehouse)} ${inspect(warehouse, { depth: null })}`).not.toContain("hunter2");
});

describe("credentials of IAM", () => {
  const HOST = "c-1.abc123.eu-central-1.redshift.amazonaws.com";
  const SERVERLESS = "wg-1.123456789012.us-east-1.redshift-serverless.amazonaws.com";
  const iam = (rest: string, env: Record<string, string> = {}) => {
    const warehouse = redshift(`redshift://${rest}&iamRole=default`, env);
    if (warehouse.kind !== "redshift") throw new Error("another kind");
    // The configuration's own address leads to the same, also where the environment names no region.
    const again = redshift(warehouse.url);
    expect({ ...again, password: warehouse.password }).toEqual(warehouse);
    return warehouse;
  };

  test.each([
    [`u@${HOST}/d?iam=true`, "cluster", "c-1", "eu-central-1"],
    [`u@${HOST}.cn/d?iam=true`, "cluster", "c-1", "eu-central-1"],
    [`u@${HOST.toUpperCase()}:1/d?iam=true`, "cluster", "c-1", "eu-central-1"],
    [`u@${HOST}/d?iam=true&cluster=c-2&region=eu-central-1`, "cluster", "c-2", "eu-central-1"],
    [`${SERVERLESS}/d?iam=true`, "workgroup", "wg-1", "us-east-1"],
    [`u@${SERVERLESS}/d?iam=true&workgroup=wg-2`, "workgroup", "wg-2", "us-east-1"],
    ["u@127.0.0.1/d?iam=true&cluster=c-1&region=us-gov-west-1", "cluster", "c-1", "us-gov-west-1"],
    ["db.example/d?iam=true&workgroup=wg-1&region=eu-west-1", "workgroup", "wg-1", "eu-west-1"],
  ])("%s", (rest, kind, name, region) => {
    expect(iam(rest).iam).toEqual({ kind, name, region });
  });

  test("the region may come from the environment, and goes into the address then", () => {
    const rest = "u@db.example/d?iam=true&cluster=c-1";
    expect(iam(rest, { AWS_REGION: "eu-west-3" })).toMatchObject({
      iam: { region: "eu-west-3" },
      url: "redshift://u@db.example/d?schema=raw&iamRole=default&iam=true&cluster=c-1&region=eu-west-3",
      display: "redshift://u@db.example/d?schema=raw",
    });
    expect(iam(rest, { AWS_REGION: "", AWS_DEFAULT_REGION: "eu-west-2" }).iam?.region).toBe("eu-west-2");
    expect(iam(`u@${HOST}/d?iam=true`, { AWS_REGION: "eu-west-3" }).iam?.region).toBe("eu-central-1");
  });

  test("without iam=true there is none, and a workgroup needs no user", () => {
    expect(iam(`u@${HOST}/d?iam=false`).iam).toBeUndefined();
    expect(iam(`${SERVERLESS}/d?iam=true`)).toMatchObject({
      user: "",
      display: `redshift://${SERVERLESS}/d?schema=raw`,
    });
  });

  test.each([
    [`${HOST}/d?iam=true`, "names no user", ""],
    [`IAM%3Au@${HOST}/d?iam=true`, "begins with IAM:", "alone"],
    ["u@h/d?iam=true", "does not tell which cluster or workgroup", "&cluster="],
    ["u@h/d?iam=true&cluster=c-1", "in which region", "AWS_REGION"],
    ["u@h/d?iam=true&cluster=c-1&workgroup=wg-1&region=eu-west-1", "contradict", "Leave out"],
    [`u@${HOST}/d?iam=true&workgroup=wg-1`, "is that of a cluster", "cluster"],
    [`u@${HOST}/d?iam=true&region=eu-west-1`, "which is in eu-central-1", "Leave it out"],
    [`u@${HOST}/d?cluster=c-1`, "iam=true is not there", "&iam=true"],
    [`u@${HOST}/d?iam=false&region=eu-central-1`, "iam=true is not there", "leave region out"],
    [`u@${HOST}/d?iam=yes`, "iam must be one of true, false", ""],
    ["u@h/d?iam=true&cluster=C_1&region=eu-west-1", "cluster must be the identifier", ""],
    ["u@h/d?iam=true&workgroup=w&region=eu-west-1", "workgroup must be the name", ""],
    ["u@h/d?iam=true&cluster=c&region=Frankfurt", "region must be a region", ""],
  ])("refused: %s", (rest, message, hint) => {
    const error = errorOf(`load --lake s3://lake --warehouse redshift://${rest}&iamRole=default`);
    expect(error).toMatchObject({ exitCode: 2, code: "WAREHOUSE_URL" });
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  test("a region of the environment that is none is named", () => {
    const words = "load --lake s3://lake --warehouse redshift://u@h/d?iamRole=default&iam=true&cluster=c-1";
    expect(errorOf(words, { AWS_REGION: "here" }).message).toContain("AWS_REGION");
  });

  test("and a password besides contradict each other, where somebody signs in", () => {
    const words = `--warehouse redshift://u@${HOST}/d?iamRole=default&iam=true`;
    const env = { REDSHIFT_PASSWORD: "hunter2" };
    const error = errorOf(`load --lake s3://lake ${words}`, env);
    expect(error).toMatchObject({ exitCode: 2, code: "SETTINGS_CONTRADICT" });
    expect(error.message).toMatch(/iam .*REDSHIFT_PASSWORD contradict/);
    expect(`${error.message} ${error.hint}`).not.toContain("hunter2");
    expect(redshift(`redshift://u@${HOST}/d?iamRole=default&iam=false`, env)).toBeDefined();
    expect(configOf(`gc --lake s3://lake ${words}`, env).warehouse.kind).toBe("redshift");
  });
});

describe("what is wrong with an address is named", () => {
  test.each([
    ["bigquery:my-project/raw", "names nothing after the two slashes", "bigquery://project/dataset"],
    ["bigquery://my-project?location=EU", "names no dataset", "bigquery://project/dataset"],
    ["bigquery://My_Project/raw?location=EU", "begins with no project id", "a–z"],
    ["bigquery://my-project/raw-data?location=EU", "other characters", "have _ where"],
    ["bigquery://my-project/raw/t?location=EU", "more than a project and a dataset", "tables' names"],
    ["bigquery://my-project/raw%zz?location=EU", "% that begins no character", "%25"],
    ["bigquery://my-project/raw", "names no location", "?location=EU"],
    ["bigquery://my-project/raw?location=Frankfurt", "location must be EU, US or a region", ""],
    ["bigquery://my-project/raw?location=EU&loction=EU", 'no parameter "loction"', "Did you mean location?"],
    [
      "bigquery://my-project/raw?location=EU&job_project=x",
      'no parameter "job_project"',
      "Did you mean jobProject?",
    ],
    ["bigquery://my-project/raw?location=EU&location=US", "location is there twice", "once"],
    ["bigquery://my-project/raw?location=", "location has no value", "leave it out"],
    ["bigquery://my-project/raw?location", "location has no value", "leave it out"],
    [`${BIGQUERY}&jobProject=My_Jobs`, "jobProject must be a project id", ""],
    [`${BIGQUERY}&endpoint=localhost:9050`, "endpoint must be an http or https", "http://127.0.0.1:9050"],
    [`${BIGQUERY}&endpoint=http://h/bigquery/v2`, "endpoint must be a server", "http://127.0.0.1:9050"],
    [`${BIGQUERY}&kmsKey=my-key`, "kmsKey must be projects/P/locations", ""],
    [`${BIGQUERY}&impersonate=ada@example.com`, "impersonate must be the address of a service account", ""],
    [`${BIGQUERY}&impersonate=a@p.iam.gserviceaccount.com&endpoint=http://h`, "contradict", "https"],
    [`${BIGQUERY}&maximumBytesBilled=10GB`, "whole number of bytes", "10000000000"],
    [`${BIGQUERY}&labels=Team:data`, "labels must be key:value", ""],
    [`${BIGQUERY}&labels=a:1,a:2`, "labels names a twice", ""],
    [`${BIGQUERY}&partitionBy=launches`, "partitionBy must be table:column", ""],
    [`${BIGQUERY}&keyFile=key.json`, 'no parameter "keyFile"', "There are location"],
    [`${BIGQUERY}&credentials=key.json`, 'no parameter "credentials"', "GOOGLE_APPLICATION_CREDENTIALS"],
    [`${BIGQUERY}#x`, "fragment", "%23"],
    ["bigquery://p/raw?location=EU", "begins with no project id", "a–z"],
    ["bigquery://.x:my-project/raw?location=EU", "begins with no project id", "a–z"],
    ["redshift://host/dev?iamRole=default", "names no user", "REDSHIFT_PASSWORD"],
    ["redshift://@host/dev?iamRole=default", "names no user", "REDSHIFT_PASSWORD"],
    ["redshift://u@/dev?iamRole=default", "names no host", "redshift://user@host"],
    ["redshift://u@ho$t/dev?iamRole=default", "names no host", ""],
    ["redshift://u@h:port/dev?iamRole=default", "port is no number", "5439"],
    ["redshift://u@h:70000/dev?iamRole=default", "port is no number", "5439"],
    ["redshift://u@h?iamRole=default", "names no database", "redshift://user@host:5439/database"],
    ["redshift://u@h/dev/raw?iamRole=default", "more than a database", "?schema=raw"],
    ["redshift://u@h/dev", "names no role", "iamRole=arn:aws:iam::"],
    ["redshift://u@h/dev?iamRole=load", "iamRole must be the ARN of a role", ""],
    ["redshift://u@h/dev?iamRole=arn:aws:iam::1:role/x", "iamRole must be the ARN of a role", ""],
    ["redshift://u@h/dev?iam_role=default", 'no parameter "iam_role"', "Did you mean iamRole?"],
    [
      "redshift://u@h/dev?iamRole=default&sslmode=verify_full",
      "sslmode must be one of",
      "Did you mean verify-full?",
    ],
    ["redshift://u@h/dev?iamRole=default&sslmode=prefer", "sslmode must be one of verify-full", ""],
    ["redshift://u@h/dev?iamRole=default&sslmode=disable&ca=x", "contradict", "Leave out"],
    ["redshift://u@h/dev?iamRole=default&sslmode=require&ca=x", "contradict", "Leave out"],
    ["redshift://u@h/dev?iamRole=default&schema=Raw", "schema has capital letters", "lower case"],
    [`redshift://u@h/dev?iamRole=default&schema=${"x".repeat(128)}`, "more than 127 bytes", ""],
    ["redshift://u@h/dev?iamRole=default&schema=a%00b", "schema is no name", ""],
  ])("%s", (address, message, hint) => {
    const error = errorOf(`load --lake s3://lake --warehouse ${address}`);
    expect(error).toMatchObject({ kind: "usage", exitCode: 2, code: "WAREHOUSE_URL" });
    expect(error.message).toContain("cannot be used: ");
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  test.each([
    "redshift://loader:hunter2@host/dev?iamRole=default",
    "redshift://loader:hun/hunter2@host/dev?iamRole=default",
    "redshift://loader:hun?hunter2@host/dev?iamRole=default",
    "redshift://loader:@hunter2@host/dev?iamRole=default",
    "redshift://loader@host/dev?iamRole=default&password=hunter2",
    "redshift://loader@host/dev?iamRole=hunter2",
    "redshift://loader@host/dev?iamRole=default&hunter2",
    "bigquery://ada:hunter2@my-project/raw?location=EU",
    "bigquery://my-project/raw?location=EU&accessToken=hunter2",
    "bigquery://my-project/raw?location=EU&endpoint=http://ada:hunter2@host",
  ])("without repeating what may be a secret: %s", (address) => {
    const error = errorOf(`load --lake s3://lake --warehouse ${address}`);
    expect(error.code).toBe("WAREHOUSE_URL");
    expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain("hunter2");
  });

  test.each([
    `redshift://u@host/db?iamRole=${ROLE}/a@b&password=hunter2`,
    "redshift://u@host/db?password=hun@ter2",
    "bigquery://proj/raw?impersonate=a@b&password=hunter2",
    "redshift:u:hunter2/db",
    "postgres:u:hunter2/db",
    "redshift://u:hunter2/db",
  ])("nor where an @ or a missing slash hides where it begins: %s", (address) => {
    const error = errorOf(`load --lake s3://lake --warehouse ${address}`);
    expect(error.exitCode).toBe(2);
    expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toMatch(/hun|ter2/);
  });

  test("a password leads to the variable, and a name with a colon to its spelling", () => {
    const { message, hint } = errorOf("load --lake s3://lake --warehouse redshift://u:p@h/d?iamRole=default");
    expect(message).toContain("holds a password");
    expect(hint).toMatch(/REDSHIFT_PASSWORD.*IAM%3Auser/);
  });
});
