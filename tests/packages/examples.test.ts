import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { examplesOf } from "./harness/examples.ts";
import {
  doorsOf,
  installedSimulator,
  type PackedProject,
  packedProject,
  publicPackages,
  type RunningSimulator,
} from "./harness/index.ts";
import { check, compilers } from "./harness/type-check.ts";
import { startFakeGcs, startMoto, startVersitygw, TEST_CREDENTIALS, TEST_REGION } from "../servers/index.ts";
import { startBigQuery } from "../warehouses/bigquery/index.ts";
import { startRedshift } from "../warehouses/redshift/index.ts";

const tarballs = inject("tarballs");
const packages = publicPackages();

/** Every example in a folder of its own, as it would be in a user's project. */
const examples = packages.flatMap((own) =>
  examplesOf(own).map(({ file, text }) => {
    const name = file.replace(/^examples\/|\.ts$/g, "");
    return {
      name: `${own.name}: ${name}`,
      folder: join("programs", own.name, name),
      file: `${name}.ts`,
      text,
    };
  }),
);

let project: PackedProject;
let simulator: RunningSimulator;

beforeAll(async () => {
  project = await packedProject({
    tarballs,
    packages: packages.map(({ name }) => name),
    dependencies: [
      "zod",
      "@duckdb/node-api",
      "@types/node",
      "@aws-sdk/client-s3",
      "@aws-sdk/lib-storage",
      "@google-cloud/bigquery",
      "@google-cloud/storage",
      "pg",
    ],
  });
  for (const { folder, file, text } of examples) project.write(join(folder, file), text);
  project.write("only-localhost.mjs", ONLY_LOCALHOST);
  simulator = await installedSimulator(project);
});

afterAll(async () => {
  await simulator?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
});

/** Those that load into a service: its name stands in what they read from the environment. */
const WAREHOUSES = /process\.env\["(BIGQUERY|REDSHIFT)_/;

describe("runs under plain Node", () => {
  const local = examples.filter(({ text }) => !WAREHOUSES.test(text));
  test.each(local)("$name", async ({ folder, file }) => {
    const result = await project.node(["--import", join(project.path, "only-localhost.mjs"), file], {
      cwd: folder,
      env: { SPACEX_API_URL: simulator.url },
    });
    expect(result.code, result.output).toBe(0);
    expect(result.stdout.trim()).not.toBe("");
    // Nothing that a reader would have to explain away.
    expect(result.stderr).not.toMatch(/Warning:/);
  });
});

describe("runs with a lake in a bucket", () => {
  const inBuckets = examples.filter(
    ({ text }) => /process\.env\["LAKE_URL"\]/.test(text) && !WAREHOUSES.test(text),
  );
  const servers = [startVersitygw, startMoto, startFakeGcs];

  test("at least one example does", () => expect(inBuckets).not.toEqual([]));

  test.each(servers.flatMap((start) => inBuckets.map((example) => ({ ...example, start }))))(
    "$name, $start.name",
    async ({ folder, file, start }) => {
      await using server = await start();
      await server.makeBucket("somebody");
      const result = await project.node(["--import", join(project.path, "only-localhost.mjs"), file], {
        cwd: folder,
        env: { ...server.env, LAKE_URL: server.lakeUrl("somebody", "data/lake") },
      });
      expect(result.code, `${result.output}\n${server.log()}`).toBe(0);
      expect(result.stdout).toContain(`in ${server.service === "s3" ? "s3" : "gs"}://somebody/data/lake`);
      expect(result.stdout).toMatch(/verified: \d+ objects, \d+ bytes, 0 problems/);
      expect(result.stderr).not.toMatch(/Warning:/);
    },
  );
});

describe("runs with a warehouse", () => {
  const services = { BIGQUERY: besideBigQuery, REDSHIFT: besideRedshift };
  const rows = examples.flatMap((example) => {
    const service = WAREHOUSES.exec(example.text)?.[1];
    return service === "BIGQUERY" || service === "REDSHIFT"
      ? [{ ...example, service: services[service] }]
      : [];
  });

  test("at least one example for each does", () => expect(rows).toHaveLength(2));

  test.each(rows)("$name", async ({ folder, file, service }) => {
    await using world = await service();
    const result = await project.node(["--import", join(project.path, "only-localhost.mjs"), file], {
      cwd: folder,
      env: world.env,
    });
    expect(result.code, result.output).toBe(0);
    expect(result.stdout).toMatch(/^first: loaded by 2 (load jobs|COPYs) \(\w+ 500, /m);
    expect(result.stdout).toMatch(/^again: already-loaded by 0 /m);
    expect(result.stderr).not.toMatch(/Warning:/);
  });
});

describe("is checked by TypeScript", () => {
  // Both ways of resolving, with and without the DOM; the strictest settings and the usual ones. How a module is found
  // and what a property may be do not depend on each other, so not every pair is tried.
  const settings = [
    { resolution: "nodenext", exact: true },
    { resolution: "bundler", exact: false },
  ];
  const matrix = compilers.flatMap((compiler) => settings.map((setting) => ({ compiler, ...setting })));

  test.each(matrix)("$compiler.version, $resolution, exactOptionalPropertyTypes $exact", async (row) => {
    project.write(
      "doors.ts",
      importAll(tarballs.flatMap(({ manifest }) => doorsOf(manifest)).filter(isForPrograms)),
    );
    const { code, output } = await check(project, row.compiler, {
      include: ["doors.ts", "programs"],
      compilerOptions: {
        ...(row.resolution === "bundler"
          ? {
              module: "esnext",
              moduleResolution: "bundler",
              lib: ["es2024", "esnext.disposable", "dom", "dom.iterable"],
            }
          : { module: "nodenext", lib: ["es2024", "esnext.disposable"] }),
        exactOptionalPropertyTypes: row.exact,
      },
    });
    expect(code, output).toBe(0);
  });

  test.each(compilers)(
    "$version: the client in a project for browsers, without the types of Node",
    async (compiler) => {
      project.write(
        "browser/page.ts",
        `import { createSpaceXClient, memoryCache } from "@spacex-etl/spacex-client";
const client = createSpaceXClient({ cache: memoryCache() });
for await (const { name, rocket } of client.launches.query({ select: ["name"], populate: ["rocket"] }))
  document.title = name + (rocket?.name ?? "");
`,
      );
      const { code, output } = await check(project, compiler, {
        include: ["browser"],
        compilerOptions: {
          module: "esnext",
          moduleResolution: "bundler",
          lib: ["es2024", "dom", "dom.iterable"],
          types: [],
        },
      });
      expect(code, output).toBe(0);
    },
  );

  test("which sees a wrong argument", async () => {
    project.write(
      "wrong/wrong.ts",
      `import { newRunId } from "@spacex-etl/contracts";\nnewRunId(1, 2, 3).toFixed();\n`,
    );
    for (const compiler of compilers) {
      const { code, output } = await check(project, compiler, {
        include: ["wrong"],
        compilerOptions: { module: "nodenext", skipLibCheck: true },
      });
      expect(code, compiler.version).not.toBe(0);
      expect(output).toMatch(/wrong\.ts/);
    }
  });
});

/** What an example that loads into BigQuery is given. */
async function besideBigQuery() {
  const gcs = await startFakeGcs();
  await gcs.makeBucket("somebody");
  const bigquery = await startBigQuery({ gcsEndpoint: gcs.endpoint });
  return {
    env: { ...gcs.env, LAKE_URL: gcs.lakeUrl("somebody", "lake"), BIGQUERY_ENDPOINT: bigquery.endpoint },
    async [Symbol.asyncDispose]() {
      await bigquery.close();
      await gcs.close();
    },
  };
}

/** What an example that loads into Redshift is given. */
async function besideRedshift() {
  const s3 = await startVersitygw();
  await s3.makeBucket("somebody");
  const role = "arn:aws:iam::000000000000:role/load";
  const redshift = await startRedshift({
    s3: { endpoint: s3.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS },
    roles: [role],
  });
  const { host, port, user, password, database } = redshift.connection;
  return {
    env: {
      ...s3.env,
      LAKE_URL: s3.lakeUrl("somebody", "lake"),
      REDSHIFT_HOST: host,
      REDSHIFT_PORT: String(port),
      REDSHIFT_USER: user,
      REDSHIFT_PASSWORD: password,
      REDSHIFT_DATABASE: database,
      REDSHIFT_SSL: "disable",
      REDSHIFT_IAM_ROLE: role,
    },
    async [Symbol.asyncDispose]() {
      await redshift.close();
      await s3.close();
    },
  };
}

/** The doors named `testing` are for test files, in which vitest is installed; it is not here. */
function isForPrograms(door: string): boolean {
  return !door.endsWith("/testing");
}

/** Makes the compiler read the declarations of every door. */
function importAll(doors: readonly string[]): string {
  const names = doors.map((_, index) => `door${index}`);
  return [
    ...doors.map((door, index) => `import * as ${names[index]} from "${door}";`),
    `export const doors: readonly object[] = [${names.join(", ")}];`,
    "",
  ].join("\n");
}

/** Loaded before an example: no connection leaves the machine, so no example can reach the live API. */
const ONLY_LOCALHOST = `
import { Socket } from "node:net";
const { connect } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = typeof options === "object" ? options.host ?? options.path : args[1];
  if (host !== undefined && !/^(127\\.|localhost$|::1$|\\/)/.test(host)) throw new Error("An example asks " + host + ".");
  return connect.apply(this, args);
};
`;
