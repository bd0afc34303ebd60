import { detailBlock, errorFields } from "./errors.ts";
import type { Fields } from "./wire.ts";

/** Where a load failed, for SYS_LOAD_ERROR_DETAIL. */
export interface Place {
  readonly fileName?: string;
  /** Rows of the file, from 1. */
  readonly line?: number;
  readonly column?: string;
  readonly columnType?: string;
  readonly columnLength?: number;
  readonly missing?: boolean;
}

/** A COPY that failed, in Redshift's words. */
export class LoadError extends Error {
  readonly fields: Fields;
  readonly redshiftCode: number;
  readonly context: string;
  readonly place: Place;
  constructor(message: string, redshiftCode: number, context: string, query: number, place: Place = {}) {
    super(message);
    this.fields = errorFields("XX000", message, detailBlock(message, redshiftCode, context, query));
    this.redshiftCode = redshiftCode;
    this.context = context;
    this.place = place;
  }
  get missing(): boolean {
    return this.place.missing === true;
  }
}

/** What the reader of columnar files says; users report the code 15007 for all of it. */
export function spectrumError(context: string, query: number, place: Place): LoadError {
  return new LoadError("Spectrum Scan Error", 15_007, context, query, place);
}
