import type { S3Client } from "@aws-sdk/client-s3";
import type { DuckDBInstance } from "@duckdb/node-api";
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorFields } from "./errors.ts";
import type { CopyCommand } from "./grammar-copy.ts";
import { LoadError, type Place } from "./load-error.ts";
import { fetchParts } from "./manifest.ts";
import { parquetToCsv, type TargetColumn } from "./parquet.ts";
import { quote, shortName } from "./translate.ts";
import { literal, type Upstream } from "./upstream.ts";
import { type Fields, fieldsOf, messageOf, queryMessage } from "./wire.ts";

/** What COPY has to work with. */
export interface CopyWorld {
  readonly s3: S3Client;
  readonly duckdb: DuckDBInstance;
  readonly roles: readonly string[];
  readonly user: string;
  /** The next query id, for SYS_LOAD_HISTORY and pg_last_copy_id(). */
  nextQuery(): number;
  /** Writes outside of the client's transaction, as the service does. */
  note(sql: string, values: readonly unknown[]): Promise<void>;
}

/** How a COPY ended. `raised`: the server knows of the error, and its transaction is aborted. */
export type CopyResult =
  | { readonly ok: true; readonly query: number; readonly rows: number }
  | {
      readonly ok: false;
      readonly error: Fields;
      readonly raised: boolean;
      readonly query: number | undefined;
    };

/** Loads the parts of a manifest through the client's own session, so that its ROLLBACK undoes the load. */
export async function runCopy(
  upstream: Upstream,
  world: CopyWorld,
  command: CopyCommand,
): Promise<CopyResult> {
  const table = command.table.map((part) => quote(shortName(part))).join(".");
  const refuse = (error: Fields): CopyResult => ({ ok: false, error, raised: false, query: undefined });
  const described = await upstream.ask(
    `SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attrelid::text FROM pg_attribute a ` +
      `WHERE a.attrelid = to_regclass(${literal(table)}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  );
  if (described.error !== undefined)
    return { ok: false, error: described.error, raised: true, query: undefined };
  const all = described.rows.map(([name, type, notNull]): TargetColumn => ({
    name: name ?? "",
    type: type ?? "",
    notNull: notNull === "t",
  }));
  if (all.length === 0)
    return refuse(errorFields("42P01", `Cannot COPY into nonexistent table ${command.table.at(-1)}`));
  const wanted = command.columns?.map(
    (name) => all.find((column) => column.name === shortName(name)) ?? name,
  );
  const unknown = wanted?.find((column) => typeof column === "string");
  if (unknown !== undefined)
    return refuse(
      errorFields(
        "42703",
        `column "${String(unknown)}" of relation "${command.table.at(-1)}" does not exist`,
      ),
    );
  const columns = wanted?.filter((column) => typeof column !== "string") ?? all;
  if (!world.roles.includes(command.role))
    return refuse(
      errorFields(
        "XX000",
        `User arn:aws:redshift:us-east-1:000000000000:dbuser:stand-in/${world.user} is not authorized to assume IAM Role ${command.role}`,
      ),
    );
  return await load(upstream, world, command, table, columns, Number(described.rows[0]?.[3]));
}

async function load(
  upstream: Upstream,
  world: CopyWorld,
  command: CopyCommand,
  table: string,
  columns: readonly TargetColumn[],
  tableId: number,
): Promise<CopyResult> {
  const query = world.nextQuery();
  const start = new Date();
  const folder = mkdtempSync(join(tmpdir(), "redshift-copy-"));
  const duckdb = await world.duckdb.connect();
  const finish = async (status: string, rows: number, files: number, message: string): Promise<void> =>
    await world.note(
      `INSERT INTO redshift_internal.load_history VALUES (100, $1, $2, $3, $4, clock_timestamp() AT TIME ZONE 'UTC', $5, $6, $7, $8)`,
      [query, status, command.table.at(-1), utc(start), command.manifestUrl, rows, files, message],
    );
  const failed = async (context: string, code: number, place: Place): Promise<void> => {
    await world.note(
      `INSERT INTO redshift_internal.load_error_detail VALUES (100, $1, 0, 0, current_database(), $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)`,
      [
        query,
        tableId,
        utc(start),
        place.fileName ?? command.manifestUrl,
        place.line ?? 0,
        place.column ?? "",
        place.columnType ?? "",
        place.columnLength ?? "",
        code,
        context.slice(0, 512),
      ],
    );
    await finish("aborted", 0, 0, context);
  };
  try {
    const parts = await fetchParts(world.s3, command.manifestUrl, folder, query);
    let rows = 0;
    const files: string[] = [];
    for (const [n, part] of parts.entries()) {
      const csv = join(folder, `${n}.csv`);
      rows += await parquetToCsv(duckdb, part, columns, csv, query);
      files.push(csv);
    }
    const names = columns.map(({ name }) => quote(name)).join(", ");
    const error = await copyIn(upstream, `COPY ${table} (${names}) FROM STDIN (FORMAT csv, NULL '')`, files);
    if (error !== undefined) {
      await failed(error["M"] ?? "", 1_202, {});
      return { ok: false, error, raised: true, query };
    }
    await finish("completed", rows, parts.length, "");
    return { ok: true, query, rows };
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    await failed(error.context, error.redshiftCode, error.place);
    return { ok: false, error: error.fields, raised: false, query };
  } finally {
    duckdb.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Files that PostgreSQL reads as CSV, one after another. */
async function copyIn(
  upstream: Upstream,
  sql: string,
  files: readonly string[],
): Promise<Fields | undefined> {
  await upstream.write(queryMessage(sql));
  const first = await upstream.next();
  if (first.type === "E") {
    await upstream.drain();
    return fieldsOf(first.body);
  }
  if (first.type === "G") {
    for (const file of files) {
      for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }))
        await upstream.write(messageOf("d", chunk as Buffer));
    }
    await upstream.write(messageOf("c"));
    return (await upstream.drain()).error;
  }
  const error = errorFields("XX000", "COPY was not begun");
  return (await upstream.drain()).error ?? error;
}

function utc(date: Date): string {
  return date.toISOString().replace("T", " ").replace("Z", "");
}
