import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../test/lake.ts";
import { openLake, parseLakeUrl } from "./index.ts";

test("a folder, by path, URL or location", async () => {
  const cwd = await temporaryFolder();
  const lakes = [
    await openLake("lake", { cwd }),
    await openLake(pathToFileURL(join(cwd, "lake")).href),
    await openLake(pathToFileURL(join(cwd, "lake"))),
    await openLake(parseLakeUrl("./lake", { cwd })),
  ];
  await lakes[0]?.createIfAbsent("a/b.json", Buffer.from("{}"));
  for (const lake of lakes) expect(await lake.head("a/b.json")).toMatchObject({ bytes: 2 });
});

test("checkpoints are those of the store's writes", async () => {
  const met: string[] = [];
  const store = await openLake(await temporaryFolder(), { checkpoint: (name) => void met.push(name) });
  await store.createIfAbsent("a", Buffer.from("1"));
  expect(met).toEqual(["written a", "linked a"]);
});

test("a bucket, without a request and without a secret in its name", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAPLANTED");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "planted-secret");
  onTestFinished(() => void vi.unstubAllEnvs());
  const s3 = await openLake("s3://bucket/a/b?endpoint=http://127.0.0.1:9&region=eu-central-1&pathStyle=true");
  expect(s3).toMatchObject({ url: "s3://bucket/a/b", permissions: { create: "s3:PutObject" } });
  expect(s3.parallelCreates).toBeGreaterThan(1);
  const gcs = await openLake("gs://bucket/a/b?endpoint=http://127.0.0.1:9", { gcs: { deadlineMs: 0 } });
  expect(gcs).toMatchObject({ url: "gs://bucket/a/b", permissions: { create: "storage.objects.create" } });
  for (const store of [s3, gcs]) await store[Symbol.asyncDispose]?.();
});

test("what cannot be a lake is refused before anything is loaded", async () => {
  await expect(openLake("s3://Bucket")).rejects.toMatchObject({ code: "LAKE_URL", exitCode: 2 });
  await expect(openLake("ftp://host/lake")).rejects.toMatchObject({ code: "LAKE_URL", exitCode: 2 });
});

test("a file in the folder's place is said at the first call", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  const store = await openLake(file);
  await expect(store.createIfAbsent("a", Buffer.from("1"))).rejects.toMatchObject({
    code: "LAKE_NOT_FOLDER",
  });
});

test("an SDK that is not installed is named with the command that installs it", async () => {
  // In a process of its own, which finds none of them.
  const program = `
    import { registerHooks } from "node:module";
    registerHooks({
      resolve(specifier, context, next) {
        if (!/^@(aws-sdk|google-cloud)\\//.test(specifier)) return next(specifier, context);
        throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
      },
    });
    const { openLake } = await import(${JSON.stringify(join(import.meta.dirname, "index.ts"))});
    for (const url of ["s3://bucket", "gs://bucket"])
      await openLake(url).catch(({ code, exitCode, message, hint }) => console.log(code, exitCode, message, hint));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@spacex-etl/source",
    "--input-type=module",
    "--eval",
    program,
  ]);
  expect(stdout.trim().split("\n")).toEqual([
    expect.stringMatching(/^PEER_MISSING 2 .*s3:.* npm install @aws-sdk\/client-s3 @aws-sdk\/lib-storage$/),
    expect.stringMatching(/^PEER_MISSING 2 .*gs:.* npm install @google-cloud\/storage$/),
  ]);
});
