import {
  type CollectionSpec,
  canonicalJson,
  type DuckDBConnectionLike,
  lakeColumns,
  sha256Hex,
  type TableSpec,
} from "@spacex-etl/contracts";
import { randomUUID } from "node:crypto";
import { copyFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { openConnection } from "../duckdb/connection.ts";
import { identifier, literal, PARQUET_TYPES } from "../duckdb/sql/index.ts";
import type { LoadCollection, LoadPart, LoadRequest, LoadTable } from "../loader/load-request.ts";
import { type LakeRow, shred } from "./shred.ts";

/** How a collection of the test lake differs from a plain one. */
export interface CollectionOptions {
  /** @default "2026-01-01T00:00:00.000Z" */
  readonly extractedAt?: string | undefined;
  readonly quarantinedKeys?: readonly string[] | null | undefined;
  /** Parts per table. @default 1 */
  readonly parts?: number | undefined;
}

/** Brings the file to where the engine reads it, under that relative name or its own, and returns its uri. */
export type Publish = (path: string, name: string) => Promise<string>;

/** Makes Parquet files like the lake's, and requests over them. */
export class TestLake implements AsyncDisposable {
  readonly #folder: string;
  readonly #publish: Publish;
  /** Begins the names of all files of this lake, so that lakes may share a bucket. */
  readonly #prefix = `suite-${randomUUID()}`;
  readonly #connection: DuckDBConnectionLike;
  readonly #close: () => void;
  /** Where the file of a uri was made. */
  readonly #paths = new Map<string, string>();
  #files = 0;

  private constructor(folder: string, publish: Publish, owned: Awaited<ReturnType<typeof openConnection>>) {
    this.#folder = folder;
    this.#publish = publish;
    this.#connection = owned.connection;
    this.#close = owned.close;
  }

  static async open(folder: string, publish: Publish = (path) => Promise.resolve(path)): Promise<TestLake> {
    // The names hold what a naive reader would take for a partition, a pattern or the end of a string.
    const odd = join(folder, "run=r1", "it's [a-z]*?");
    await mkdir(odd, { recursive: true });
    return new TestLake(
      odd,
      publish,
      await openConnection({ memoryLimit: undefined, tempDirectory: `${folder}/spill` }),
    );
  }

  async collection(
    spec: CollectionSpec,
    records: readonly object[],
    options: CollectionOptions = {},
  ): Promise<LoadCollection> {
    const rows = shred(spec.tables, records);
    return this.#assemble(spec, options, (table) =>
      this.#table(table, rows.get(table.name) ?? [], options.parts ?? 1),
    );
  }

  /** A collection whose tables are SELECTs in DuckDB's SQL with the columns of `lakeColumns`. */
  async generated(
    spec: CollectionSpec,
    selects: Readonly<Record<string, string>>,
    options: CollectionOptions = {},
  ): Promise<LoadCollection> {
    return this.#assemble(spec, options, async (table) => {
      const part = await this.#part(`SELECT * FROM (${selects[table.name]})`);
      return tableOf(table, [part]);
    });
  }

  async #assemble(
    spec: CollectionSpec,
    options: CollectionOptions,
    make: (table: TableSpec) => Promise<LoadTable>,
  ): Promise<LoadCollection> {
    const tables: LoadTable[] = [];
    for (const table of spec.tables) tables.push(await make(table));
    return {
      name: spec.name,
      extractedAt: options.extractedAt ?? "2026-01-01T00:00:00.000Z",
      schemaFingerprint: spec.fingerprint,
      quarantinedKeys: options.quarantinedKeys === undefined ? [] : options.quarantinedKeys,
      tables,
    };
  }

  async #table(spec: TableSpec, rows: readonly LakeRow[], parts: number): Promise<LoadTable> {
    const columns = lakeColumns(spec);
    const size = Math.ceil(rows.length / parts);
    const made: LoadPart[] = [];
    for (let start = 0; start < rows.length; start += size) {
      const lines = rows
        .slice(start, start + size)
        .map((row) => JSON.stringify(Object.fromEntries(row.map((cell, index) => [`c${index}`, cell]))));
      const json = join(this.#folder, "..", `rows-${(this.#files += 1)}.json`);
      await writeFile(json, `${lines.join("\n")}\n`);
      const texts = columns.map((_, index) => `c${index}: 'VARCHAR'`).join(", ");
      const casts = columns.map(
        (column, index) => `CAST(c${index} AS ${PARQUET_TYPES[column.type]}) AS ${identifier(column.name)}`,
      );
      made.push(
        await this.#part(
          `SELECT ${casts.join(", ")} FROM read_json(${literal(json)}, format = 'newline_delimited', columns = {${texts}})`,
        ),
      );
    }
    return tableOf(spec, made);
  }

  async #part(select: string): Promise<LoadPart> {
    const file = join(this.#folder, `${String((this.#files += 1)).padStart(5, "0")}.parquet`);
    await this.#connection.run("SET TimeZone = 'UTC'");
    await this.#connection.run(`COPY (${select}) TO ${literal(file)} (FORMAT parquet, COMPRESSION snappy)`);
    const [row] = (
      await this.#connection.runAndReadAll(
        `SELECT num_rows FROM parquet_file_metadata(${literal(file.replaceAll(/[[*?]/g, "[$&]"))})`,
      )
    ).getRowObjectsJson();
    return this.#published(file, Number(row?.["num_rows"]));
  }

  /** The same bytes as another file. `part` is one of this lake's. */
  async copyOf(part: LoadPart): Promise<LoadPart> {
    const original = this.#paths.get(part.uri);
    if (original === undefined) throw new TypeError(`${part.uri} is no file of this lake.`);
    const file = join(this.#folder, `${String((this.#files += 1)).padStart(5, "0")}-copy.parquet`);
    await copyFile(original, file);
    return this.#published(file, part.rows);
  }

  async #published(file: string, rows: number): Promise<LoadPart> {
    const sha256 = sha256Hex(await readFile(file));
    const path = `tables/run=made/${basename(file, ".parquet")}-${sha256.slice(0, 16)}.parquet`;
    const uri = await this.#publish(file, `${this.#prefix}/${path}`);
    this.#paths.set(uri, file);
    return { path, rows, bytes: (await stat(file)).size, sha256, runId: "made-by-the-suite", uri };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    return Promise.resolve();
  }
}

function tableOf(spec: TableSpec, parts: readonly LoadPart[]): LoadTable {
  return {
    spec,
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    parts,
    contentSha256: sha256Hex(parts.map((part) => part.sha256).join("\n")),
  };
}

/** A request over collections; its manifest hash is that of its content. */
export function requestOf(
  runId: string,
  collections: readonly LoadCollection[],
  change: Partial<LoadRequest> = {},
): LoadRequest {
  return {
    runId,
    source: "shop",
    manifestSha256: sha256Hex(
      canonicalJson({
        runId,
        collections: collections.map(({ name, extractedAt, tables }) => ({
          name,
          extractedAt,
          tables: tables.map((table) => table.contentSha256),
        })),
      }),
    ),
    extractedAt:
      collections.map((collection) => collection.extractedAt).sort()[0] ?? "2026-01-01T00:00:00.000Z",
    collections,
    ...change,
  };
}
