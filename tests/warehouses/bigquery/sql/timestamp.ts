import { invalidQuery } from "../api-error.ts";

const FORM =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ Tt](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6})0{0,6})?)?)?\s*(?:(?:[zZ]|UTC)|([+-])(\d{1,2})(?::?(\d{2}))?)?$/;

/**
 * A TIMESTAMP's text, with an offset or in UTC, as microseconds since 1970; the client writes nine digits of a second, of
 * which the last three must be zero. Named zones are outside of the double.
 *
 * @throws ApiError `invalidQuery`.
 */
export function microsOf(text: string): bigint {
  const match = FORM.exec(text.trim());
  if (match === null) throw invalidQuery(`Invalid TIMESTAMP literal: ${JSON.stringify(text)}`);
  const [
    ,
    year,
    month,
    day,
    hour = "0",
    minute = "0",
    second = "0",
    fraction = "",
    sign,
    hours = "0",
    minutes = "0",
  ] = match;
  const millis = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const date = new Date(millis);
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    throw invalidQuery(`Invalid TIMESTAMP literal: ${JSON.stringify(text)}`);
  }
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  return BigInt(millis - offset) * 1_000n + BigInt(fraction.padEnd(6, "0"));
}

/** The DuckDB literal; TIMESTAMP columns of the double are UTC without a zone. */
export const timestampLiteral = (micros: bigint): string => `make_timestamp(CAST(${micros} AS BIGINT))`;
