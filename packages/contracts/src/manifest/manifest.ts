import { z } from "zod";
import { RUN_ID_PATTERN } from "../run/run-id.ts";
import { tableSpecSchema } from "../tables/table-spec.ts";

/** Version of all documents below. A reader refuses a higher one (error kind `schema`). */
export const MANIFEST_VERSION = 1;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const instantSchema = z.iso.datetime({ precision: 3 });
const countSchema = z.int().nonnegative();
const runIdSchema = z.string().regex(RUN_ID_PATTERN);
/** Key of an object, relative to the lake's root. */
const objectKeySchema = z.string().min(1);

/** One immutable object of the lake. */
const partSchema = z.object({
  path: objectKeySchema,
  rows: countSchema,
  /** Size of the object. */
  bytes: countSchema,
  /** Of the object's bytes. */
  sha256: sha256Schema,
  /** The run that wrote it; another run's id where a part is referenced, not written. */
  runId: runIdSchema,
});

/** A raw part: compressed NDJSON, one record per line, in the source's order. */
export const rawPartSchema = partSchema.extend({
  /** Size before compression. */
  contentBytes: countSchema,
  /** Of the bytes before compression, so that the same records are found again under another codec. */
  contentSha256: sha256Schema,
  /** Keys of the first and the last record. */
  firstKey: z.string(),
  lastKey: z.string(),
});
/** One raw part, as a collection manifest lists it. */
export type RawPart = Readonly<z.infer<typeof rawPartSchema>>;

/** A table part: one Parquet file with the columns of `lakeColumns(table)`. */
export const tablePartSchema = partSchema;
/** One Parquet file of a table, as a tables manifest lists it. */
export type TablePart = Readonly<z.infer<typeof tablePartSchema>>;

/** A field in the source's records that the schema does not know. */
export const driftSchema = z.object({
  /** `links.new_field`, or `cores[].new_field` inside an array. */
  path: z.string(),
  /** Records that have it. */
  records: countSchema,
});
/** An unknown field and how many records have it. */
export type Drift = Readonly<z.infer<typeof driftSchema>>;

/** Records that failed validation: kept out of the raw parts, kept with reason and bytes. */
export const quarantineSchema = z.object({
  path: objectKeySchema,
  rows: countSchema,
  bytes: countSchema,
  sha256: sha256Schema,
  runId: runIdSchema,
  /** Keys of the records, so that a load does not take them for deleted; null if any record had no readable key. */
  keys: z.array(z.string()).nullable(),
});
/** Where the invalid records of a collection are, and which they are. */
export type Quarantine = Readonly<z.infer<typeof quarantineSchema>>;

/** `runs/<runId>/extract/<collection>.json`: one collection is complete. Created once, never changed. */
export const collectionManifestSchema = z.object({
  version: z.literal(MANIFEST_VERSION),
  kind: z.literal("collection"),
  runId: runIdSchema,
  source: z.string(),
  collection: z.string(),
  /** Field of the record that is its key. */
  key: z.string(),
  schemaFingerprint: sha256Schema,
  /** When the source's answer began: the state of the source is not older than this. */
  extractedAt: instantSchema,
  records: countSchema,
  invalid: countSchema,
  /** Sum of the parts' `contentBytes`. */
  contentBytes: countSchema,
  parts: z.array(rawPartSchema),
  quarantine: quarantineSchema.nullable(),
  drift: z.array(driftSchema),
  /**
   * `not-modified`: the source said so (304) and all parts are an earlier run's. `same-content`: it was read, and all
   * parts turned out to be exactly an earlier run's. `null`: something is new or gone.
   */
  reused: z.enum(["not-modified", "same-content"]).nullable(),
  /** What the source said; kept as a record, `verify` cannot recompute it. */
  sourceState: z.object({
    etag: z.string().nullable(),
    /** An independent count of the source, where it has one. */
    totalRecords: countSchema.nullable(),
    requests: countSchema,
  }),
});
/** The document that says that one collection of a run is complete, and what it consists of. */
export type CollectionManifest = Readonly<z.infer<typeof collectionManifestSchema>>;

/** Reference to another document of the lake, with the hash of its bytes. */
export const documentRefSchema = z.object({ path: objectKeySchema, sha256: sha256Schema });
/** Key and sha256 of a document: a link of the lake's chain of proof. */
export type DocumentRef = Readonly<z.infer<typeof documentRefSchema>>;

/** What a run was asked for. The same run id with another request is an error that names the difference. */
export const extractRequestSchema = z.object({
  source: z.string(),
  collections: z.array(z.object({ name: z.string(), schemaFingerprint: sha256Schema })),
});
/** Source, collections and schemas that a run was asked for. */
export type ExtractRequest = Readonly<z.infer<typeof extractRequestSchema>>;

/** `runs/<runId>/request.json`: written before anything else, so that a rerun with another request stops early. */
export const requestDocumentSchema = z.object({
  version: z.literal(MANIFEST_VERSION),
  kind: z.literal("request"),
  runId: runIdSchema,
  request: extractRequestSchema,
});
/** What a run was asked for, as it lies in the lake. */
export type RequestDocument = Readonly<z.infer<typeof requestDocumentSchema>>;

/** `runs/<runId>/extract.json`: the commit point of the step. */
export const extractManifestSchema = z.object({
  version: z.literal(MANIFEST_VERSION),
  kind: z.literal("extract"),
  runId: runIdSchema,
  request: extractRequestSchema,
  /** The earliest `extractedAt` of its collections. */
  extractedAt: instantSchema,
  collections: z.array(documentRefSchema.extend({ name: z.string(), extractedAt: instantSchema })),
});
/** The document that commits the extraction of a run. */
export type ExtractManifest = Readonly<z.infer<typeof extractManifestSchema>>;

const tableEntrySchema = z.object({
  spec: tableSpecSchema,
  rows: countSchema,
  parts: z.array(tablePartSchema),
  /** Over the parts' sha256 in order: equal hash, equal rows. */
  contentSha256: sha256Schema,
});
/** One table of a run: its spec, its rows and the Parquet files that hold them. */
export type TableEntry = Readonly<z.infer<typeof tableEntrySchema>>;

const tablesOfCollectionSchema = z.object({
  name: z.string(),
  extractedAt: instantSchema,
  schemaFingerprint: sha256Schema,
  /** Over the raw parts' `contentSha256`, in order. */
  inputSha256: sha256Schema,
  /** Keys of quarantined records (null: unknown), see `quarantineSchema`. */
  quarantinedKeys: z.array(z.string()).nullable(),
  /** The tables are an earlier run's, because input, schema and normalizer are the same. */
  reused: z.boolean(),
  /** The parent first. */
  tables: z.array(tableEntrySchema),
});
/** The tables that the records of one collection became, the parent first. */
export type TablesOfCollection = Readonly<z.infer<typeof tablesOfCollectionSchema>>;

/** `runs/<runId>/tables.json`: the commit point of normalize. */
export const tablesManifestSchema = z.object({
  version: z.literal(MANIFEST_VERSION),
  kind: z.literal("tables"),
  runId: runIdSchema,
  source: z.string(),
  /** The extract manifest it was made from. */
  extract: documentRefSchema,
  extractedAt: instantSchema,
  normalizerVersion: z.int().positive(),
  collections: z.array(tablesOfCollectionSchema),
});
/** The document that commits the tables of a run; it is what a warehouse loads. */
export type TablesManifest = Readonly<z.infer<typeof tablesManifestSchema>>;

const headEntrySchema = z.object({
  runId: runIdSchema,
  extractedAt: instantSchema,
  manifest: documentRefSchema,
});

/** `heads/<n>.json`, n of ten digits: which run holds the newest extract and tables of every collection. */
export const headSchema = z.object({
  version: z.literal(MANIFEST_VERSION),
  kind: z.literal("head"),
  number: z.int().positive(),
  /** The head before it; null for the first. */
  previous: documentRefSchema.nullable(),
  publishedAt: instantSchema,
  /** source → collection → newest. */
  extracts: z.record(z.string(), z.record(z.string(), headEntrySchema)),
  tables: z.record(z.string(), z.record(z.string(), headEntrySchema)),
});
/** One published state of the lake; the highest number is the newest. */
export type Head = Readonly<z.infer<typeof headSchema>>;
/** The run that holds the newest state of one collection. */
export type HeadEntry = Readonly<z.infer<typeof headEntrySchema>>;
