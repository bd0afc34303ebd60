import { isChild } from "@spacex-etl/contracts";
import type { LoadRequest } from "../loader/load-request.ts";
import {
  type BookkeepingTable,
  DELETED_AT,
  LEDGER,
  REGISTRY,
  TRANSFORMS,
  type WarehouseColumn,
  type WarehouseState,
} from "../planning/index.ts";
import type { CallContext } from "./api.ts";
import { count, type Query, type Row } from "./queries.ts";
import { LOCK, type RawDataset, readCatalog, readState as readStateSql } from "./sql/index.ts";

interface Relation {
  readonly name: string;
  readonly writable: boolean;
  readonly columns: WarehouseColumn[];
}

/** What a decision needs, and which of the loader's own tables are there. */
export interface ReadState {
  readonly state: WarehouseState;
  readonly existing: ReadonlySet<string>;
}

/** Two queries: the catalog, then counts, ledger and registry. */
export async function readState(
  query: Query,
  raw: RawDataset,
  request: LoadRequest,
  context: CallContext,
): Promise<ReadState> {
  const specs = request.collections.flatMap((collection) => collection.tables.map((table) => table.spec));
  const own = [LEDGER.name, REGISTRY.name, TRANSFORMS.name, LOCK];
  const catalog = readCatalog(raw, [...own, ...specs.map((spec) => spec.name)]);
  const relations = relationsOf(await query("read the catalog", catalog, context));
  const existing = new Set(own.filter((name) => relations.has(name)));
  // A table of ours without its columns is for the decision to refuse, not for a query to fail on.
  const readable = ({ name, columns }: BookkeepingTable) => {
    const there = relations.get(name);
    const names = new Set(there?.columns.map((column) => column.name));
    return there?.writable === true && columns.every((column) => names.has(column.name));
  };
  const children = new Set(specs.filter(isChild).map((spec) => spec.name));
  const question = {
    counted: [...relations.values()]
      .filter(({ name, writable }) => writable && !own.includes(name))
      .map(({ name, columns }) => ({
        name,
        softDeletes: !children.has(name) && columns.some((column) => column.name === DELETED_AT),
      })),
    ledgerOf: readable(LEDGER) ? request.runId : null,
    registry: readable(REGISTRY),
  };
  const asked = question.counted.length > 0 || question.ledgerOf !== null || question.registry;
  const rows = asked ? await query("read the ledger", readStateSql(raw, question), context) : [];
  const ofKind = (kind: string) => rows.filter((row) => row["kind"] === kind);
  const counts = new Map(ofKind("count").map((row) => [row["name"], row]));
  const [ledger] = ofKind("ledger");
  const manifestSha256 = ledger?.["sha256"] ?? null;
  return {
    existing,
    state: {
      loads: ledger === undefined ? 0 : count(ledger, "n"),
      thisRun: manifestSha256 === null ? null : { manifestSha256, loadedAt: ledger?.["moment"] ?? "" },
      registry: ofKind("registry").map((row) => ({
        table: text(row, "name"),
        collection: text(row, "collection"),
        source: text(row, "source"),
        schemaVersion: count(row, "n"),
        schemaFingerprint: text(row, "fingerprint"),
        contentSha256: text(row, "sha256"),
        rows: count(row, "live"),
        extractedAt: text(row, "moment"),
      })),
      tables: [...relations.values()]
        .filter(({ name }) => name !== LOCK)
        .map((relation) => {
          const row = counts.get(relation.name);
          return {
            ...relation,
            rows: row === undefined ? 0 : count(row, "n"),
            liveRows: row === undefined ? 0 : count(row, "live"),
          };
        }),
    },
  };
}

function relationsOf(rows: readonly Row[]): Map<string, Relation> {
  const relations = new Map<string, Relation>();
  for (const row of rows) {
    const name = text(row, "table_name");
    const relation = relations.get(name) ?? {
      name,
      writable: row["table_type"] === "BASE TABLE" || row["table_type"] === "CLONE",
      columns: [],
    };
    relations.set(name, relation);
    relation.columns.push({
      name: text(row, "column_name"),
      type: text(row, "data_type"),
      nullable: row["is_nullable"] === "YES",
    });
  }
  return relations;
}

function text(row: Row, column: string): string {
  return row[column] ?? "";
}
