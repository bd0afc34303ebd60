import type { Cursor } from "./cursor.ts";

/** A piece of a statement that PostgreSQL needs in other words; offsets in characters. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** What Redshift keeps about a table and PostgreSQL does not know. */
export interface TableAttributes {
  readonly distStyle: "auto" | "even" | "all" | "key" | undefined;
  readonly distKey: string | undefined;
  readonly sortKeys: readonly string[];
  readonly interleaved: boolean;
  readonly backup: boolean;
  /** Column to encoding. */
  readonly encodings: Readonly<Record<string, string>>;
  /** Declared, never enforced. */
  readonly primaryKey: readonly string[];
  readonly unique: readonly (readonly string[])[];
  readonly foreignKeys: readonly { readonly columns: readonly string[]; readonly references: string }[];
}

/** Attributes while they are read. */
export type Draft = { -readonly [Key in keyof TableAttributes]: Mutable<TableAttributes[Key]> };
type Mutable<T> = T extends readonly (infer Item)[]
  ? Item[]
  : T extends Readonly<Record<string, string>>
    ? Record<string, string>
    : T;

/** A CREATE or ALTER TABLE while it is read. */
export interface Reading {
  readonly cursor: Cursor;
  readonly table: string;
  readonly draft: Draft;
  readonly edits: Edit[];
}

export const emptyDraft = (): Draft => ({
  distStyle: undefined,
  distKey: undefined,
  sortKeys: [],
  interleaved: false,
  backup: true,
  encodings: {},
  primaryKey: [],
  unique: [],
  foreignKeys: [],
});
