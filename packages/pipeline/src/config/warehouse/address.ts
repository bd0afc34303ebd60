import { EtlError } from "@spacex-etl/contracts/errors";
import { didYouMean } from "../../command-line/usage-error.ts";

/** What is wrong with a warehouse's address; never repeats what may be a secret. */
export function addressError(problem: string, hint: string): EtlError {
  return new EtlError({ kind: "usage", code: "WAREHOUSE_URL", message: problem, hint });
}

/** The parts of `scheme://user@host/path?name=value`, still encoded. */
export interface Address {
  /** What stands before the `@`. */
  readonly userinfo: string | undefined;
  readonly authority: string;
  readonly path: string;
  /** Without the `?`. */
  readonly query: string;
}

/** Takes an address apart. Not by `URL`: it takes `..` out of a path, and guesses, before anybody sees it. */
export function splitAddress(rest: string, form: string): Address {
  const [, before = "", path = "", query = "", fragment] =
    /^\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(rest) ?? [];
  if (before === "") throw addressError("it names nothing after the two slashes", `Write ${form}.`);
  if (fragment !== undefined)
    throw addressError("it has a fragment (#)", `Write # as %23. The form is ${form}.`);
  const at = before.lastIndexOf("@");
  return {
    userinfo: at === -1 ? undefined : before.slice(0, at),
    authority: before.slice(at + 1),
    path,
    query,
  };
}

/** Text behind percent signs. A `+` stays one: names of roles hold them. */
export function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw addressError(`${what} holds a % that begins no character`, "Write a % as %25.");
  }
}

/** Reads one value, or throws what is wrong with it. */
export type Reader<T> = (value: string, name: string) => T;
/** One reader for every parameter that a kind of address may have. */
export type Readers<T> = { readonly [Name in keyof T]-?: Reader<NonNullable<T[Name]>> };

/** What names of parameters look like that somebody took for a place of a secret. */
const SECRET = /secret|access.?key|key.?id|token|password|passwd|pwd|credential|signature/i;

/**
 * The parameters of an address.
 *
 * @param secrets where secrets belong instead, for whoever writes one here
 * @throws EtlError for a parameter that is unknown, doubled, empty or wrong; it names it and never repeats its value
 */
export function readParameters<T extends object>(
  query: string,
  readers: Readers<T>,
  secrets: string,
): Partial<T> {
  const known = new Map<string, Reader<unknown>>(Object.entries(readers) as [string, Reader<unknown>][]);
  const values = new Map<string, unknown>();
  for (const text of query.split("&").filter((part) => part !== "")) {
    const [, rawName = "", rawValue] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    const name = decoded(rawName, "its query");
    const reader = known.get(name);
    const list = `There are ${[...known.keys()].join(", ")}.`;
    if (reader === undefined) {
      // A key that somebody put there, padded perhaps, must not be repeated as a name.
      if (!/^[\w-]{1,40}$/.test(name) || /^=*$/.test(rawValue ?? ""))
        throw addressError("its query holds something else than name=value", `${list} ${secrets}`);
      throw addressError(
        `it has no parameter ${JSON.stringify(name)}`,
        SECRET.test(name) ? secrets : didYouMean(name, [...known.keys()], list),
      );
    }
    if (values.has(name)) throw addressError(`the parameter ${name} is there twice`, "Give it once.");
    if (rawValue === undefined || rawValue === "")
      throw addressError(`the parameter ${name} has no value`, "Give it one, or leave it out.");
    values.set(name, reader(decoded(rawValue, `the parameter ${name}`), name));
  }
  return Object.fromEntries(values) as Partial<T>;
}

/** @param what continues "must be …" */
export function matching(pattern: RegExp, what: string): Reader<string> {
  return (value, name) => {
    if (pattern.test(value)) return value;
    throw addressError(`the parameter ${name} must be ${what}`, "Correct it, or leave it out.");
  };
}

export function oneOf<const T extends string>(...choices: T[]): Reader<T> {
  return (value, name) => {
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw addressError(
      `the parameter ${name} must be one of ${choices.join(", ")}`,
      didYouMean(value, choices, "Correct it, or leave it out."),
    );
  };
}

/** `a:b,c:d`, each name once. */
export function pairs(
  name: { readonly pattern: RegExp; readonly what: string },
  value: { readonly pattern: RegExp; readonly what: string },
): Reader<Readonly<Record<string, string>>> {
  return (text, parameter) => {
    const found = new Map<string, string>();
    for (const pair of text.split(",")) {
      const [, key = "", content = ""] = /^([^:]*):(.*)$/s.exec(pair.trim()) ?? [];
      if (!name.pattern.test(key) || !value.pattern.test(content))
        throw addressError(
          `the parameter ${parameter} must be ${name.what}:${value.what}, with commas between several`,
          "Correct it, or leave it out.",
        );
      if (found.has(key))
        throw addressError(`the parameter ${parameter} names ${key} twice`, "Name each once.");
      found.set(key, content);
    }
    return Object.fromEntries(found);
  };
}

/** An http or https address of a server, without a slash at its end. */
export function server(value: string, name: string): string {
  const url = URL.parse(value);
  const hint = "Give a server like http://127.0.0.1:9050.";
  if (url === null || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(value))
    throw addressError(`the parameter ${name} must be an http or https address`, hint);
  if (url.username !== "" || url.password !== "")
    throw addressError(
      `the parameter ${name} holds a user name or password, which would end up in logs`,
      "Leave it out: credentials are found by the SDK itself.",
    );
  if (url.search !== "" || url.hash !== "" || !/^\/*$/.test(url.pathname))
    throw addressError(`the parameter ${name} must be a server, without path and query`, hint);
  return url.origin;
}
