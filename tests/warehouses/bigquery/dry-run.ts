import { invalidQuery } from "./api-error.ts";
import { locate } from "./locate.ts";
import { parse, queryConfiguration } from "./resources.ts";
import { openSession, referenceOf, type Session, type SessionOptions, toDuckDb } from "./session.ts";
import { parseDdl } from "./sql/ddl.ts";
import { parseScript } from "./sql/script.ts";
import { isWord, type Token } from "./sql/tokens.ts";
import { queryError } from "./warehouse.ts";

/** Reads a single statement and resolves its names, without an effect. @throws ApiError `invalidQuery`, 404. */
export async function dryRun(
  options: Pick<SessionOptions, "warehouse" | "transactions" | "quota" | "projectId">,
  location: string | undefined,
  query: unknown,
): Promise<void> {
  const { warehouse, projectId } = options;
  const configuration = parse(queryConfiguration, query);
  const place = location ?? locate(warehouse, projectId, null, configuration);
  const connection = await warehouse.connect();
  try {
    await resolveNames(openSession({ ...options, connection, configuration, location: place }));
  } finally {
    connection.closeSync();
  }
}

async function resolveNames(session: Session): Promise<void> {
  const [statement, more] = parseScript(session.configuration.query);
  if (statement?.kind !== "sql" || more !== undefined)
    throw invalidQuery("A dry run is of one statement of SQL in this double");
  const { tokens } = statement;
  if (isWord(tokens[0], "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE")) {
    return prepare(session, tokens);
  }
  const ddl = parseDdl(tokens);
  if (ddl.kind === "create schema") return;
  const reference = referenceOf(session, ddl.path);
  if (reference === null) return;
  const { warehouse, location } = session;
  warehouse.dataset(reference.projectId, reference.datasetId, location);
  const made = ddl.kind === "create" || ddl.kind === "create view";
  if (!made && !("ifExists" in ddl && ddl.ifExists)) warehouse.table(reference, location);
  if (made && ddl.query !== null) await prepare(session, ddl.query);
}

async function prepare(session: Session, tokens: readonly Token[]): Promise<void> {
  const text = toDuckDb(session, tokens);
  try {
    (await session.connection.prepare(text)).destroySync();
  } catch (error) {
    throw queryError(error);
  }
}
