import { EtlError } from "@spacex-etl/contracts/errors";

/** The address of an API in one spelling, without a slash at the end. */
export function apiAddress(api: string | URL): string {
  const url = URL.parse(String(api));
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw invalid(`${JSON.stringify(String(api))} is no http(s) address`);
  }
  if (url.username !== "" || url.password !== "")
    throw invalid(`The address of ${url.host} holds credentials`);
  if (url.search !== "" || url.hash !== "")
    throw invalid(`${url.origin}${url.pathname} has a query or a fragment`);
  const path = url.pathname.replace(/\/+$/, "");
  if (/\/(v\d+|latest)$/i.test(path)) throw invalid(`${url.origin}${path} names a version of the API`);
  return `${url.origin}${path}`;
}

function invalid(problem: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: "RECORD_API",
    message: `${problem}.`,
    hint: "Give an address such as https://api.spacexdata.com.",
  });
}
