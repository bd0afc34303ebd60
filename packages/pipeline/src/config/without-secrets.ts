/** The name of a parameter that has a value. All else in a query may be a secret, a padded one of base64 too. */
const NAMED_PARAMETER = /^[\w-]{1,40}=(?=[^=])/;
/** A drive and a file of DuckDB are paths: what follows the colon is no address. */
const PATH = /^\s*(?:[a-z]:[\\/]|duckdb:(?!\/\/))/i;

/**
 * A setting's text as it may stand in messages and logs: without user name and password, and without the values behind
 * `?` and `#`. A place or a value that may be part of a password is left out too.
 */
export function withoutSecrets(text: string): string {
  const cut = text.search(/[?#]/);
  const head = cut === -1 ? text : text.slice(0, cut);
  const tail = cut === -1 ? "" : text.slice(cut);
  return `${place(head, tail.includes("@"))}${tail.replace(/([?#&])([^?#&]+)/g, masked)}`;
}

/** @param isCut whether the head can be the beginning of a password that holds a `?` or a `#` */
function place(head: string, isCut: boolean): string {
  if (PATH.test(head) && !head.includes("@")) return head;
  const [, scheme = "", slashes = "", rest = ""] =
    /^(\s*[a-z][a-z0-9+.-]*:)?(\/\/)?([^]*)$/i.exec(head) ?? [];
  // Nothing says which part would be the password.
  if (isCut || (scheme !== "" && slashes === "")) return `${scheme}${slashes}***`;
  return (
    `${scheme}${slashes}` +
    rest
      .replace(/^[^]*@/, "***@")
      .replace(/^((?:\*\*\*@)?(?:\[[^\]]*\]|[^/:[]*)):(?!\d*(?:\/|$))[^]*/, "$1:***")
  );
}

function masked(_: string, mark: string, parameter: string): string {
  return `${mark}${NAMED_PARAMETER.exec(parameter)?.[0] ?? ""}***`;
}
