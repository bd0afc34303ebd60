import type { Model } from "../../collections/models.ts";
import type { Filter } from "./filter.ts";
import type { Populate, PopulateProblem, ReferencePath } from "./populate.ts";
import type { Select, SelectProblem, Sound } from "./select.ts";
import type { Sort } from "./sort.ts";

/** The filter of a resource: over the records as they are stored. */
export type FilterOf<M extends Model> = Filter<
  M["stored"],
  M extends { readonly dangling: object } ? ReferencePath<M> | "crew.crew" : ReferencePath<M>,
  M["searchable"]
>;

/** What a query asks for. All of it may be left out. */
export interface Query<M extends Model, S = Select<M["record"]>, P = Populate<M>> {
  /** Which records. @default all */
  readonly query?: FilterOf<M> | undefined;
  /**
   * In which order. The id is always added at the end, because nothing else is unique and pages would overlap.
   * @default by id, which is by creation
   */
  readonly sort?: Sort<M["stored"]> | undefined;
  /** Which fields of them; changes the type of what is answered. @default all */
  readonly select?: (S & Sound<SelectProblem<M["record"], S>>) | undefined;
  /** Which ids in them become records; changes the type of what is answered. @default none */
  readonly populate?: (P & Sound<PopulateProblem<M, P>>) | undefined;
  /**
   * Records per request, from 1 and without a maximum. A query goes on until its last page: to have fewer records in
   * all, leave the loop.
   * @default 100
   */
  readonly limit?: number | undefined;
  /**
   * Page to begin with, counted from 1. Beyond the last page there are no records.
   * @default 1
   */
  readonly page?: number | undefined;
}

/** A query of a resource that is one object. */
export interface ObjectQuery<M extends Model, S = Select<M["record"]>> {
  /** A condition that the object must meet. @default none */
  readonly query?: FilterOf<M> | undefined;
  /** Which fields of it. @default all */
  readonly select?: (S & Sound<SelectProblem<M["record"], S>>) | undefined;
}

/** Records of one request, and where they stand. */
export interface Page<T> {
  readonly records: readonly T[];
  /** Counted from 1. */
  readonly page: number;
  /** At least 1. */
  readonly totalPages: number;
  /** Records that match, over all pages. */
  readonly totalRecords: number;
}

/**
 * The records that match. Nothing is sent before the first one is asked for, and each page only when it is needed; each
 * loop asks anew.
 */
export interface QueryResult<T> extends AsyncIterable<T> {
  /** The same as whole pages. */
  pages(): AsyncIterable<Page<T>>;
}
