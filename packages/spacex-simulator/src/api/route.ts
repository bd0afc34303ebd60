import { type Resource, resources } from "./catalog.ts";

/** Shape of a launch: in `v4` its crew are bare ids. All else has the one shape of `v5`. */
export type Shape = "v4" | "v5";

interface OfResource {
  readonly resource: Resource;
  readonly shape: Shape;
}

/** What a method and a path ask for. */
export type Route =
  | { readonly kind: "health" }
  | ({ readonly kind: "list" } & OfResource)
  | ({ readonly kind: "object" } & OfResource)
  | ({ readonly kind: "one"; readonly id: string } & OfResource)
  | ({ readonly kind: "selection"; readonly upcoming: boolean } & OfResource)
  | ({ readonly kind: "pick"; readonly which: "latest" | "next" } & OfResource)
  | ({ readonly kind: "query" } & OfResource)
  /** Creates, changes or deletes: needs a key that nobody has. */
  | { readonly kind: "protected" }
  | { readonly kind: "unknown" };

/** The path as the API's router sees it: lower case, without query string and trailing slash. */
export function normalPath(url: string): string {
  const path = (url.split(/[?#]/, 1)[0] ?? "").replace(/^https?:\/\/[^/]*/i, "").toLowerCase();
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** `HEAD` is answered as `GET`; everything that the API does not know is `unknown`, which is a 404. */
export function routeOf(method: string, path: string): Route {
  const [version, name = "", rest, ...more] = path.split("/").slice(1);
  if (more.length > 0) return { kind: "unknown" };
  const reads = method === "GET" || method === "HEAD";
  if (name === "users" && (version === "v4" || version === "latest")) return usersRoute(method, rest);
  if (name === "admin" && (version === "v4" || version === "latest")) {
    if (rest === "health" && reads) return { kind: "health" };
    return rest === "cache" && method === "DELETE" ? { kind: "protected" } : { kind: "unknown" };
  }
  const resource = resources.get(name);
  const shape = resource === undefined ? undefined : shapeOf(version, name);
  if (resource === undefined || shape === undefined) return { kind: "unknown" };
  const of = { resource, shape };
  if (reads) return readRoute(of, rest);
  if (method === "POST" && rest === "query")
    return resource.hasQuery ? { kind: "query", ...of } : { kind: "unknown" };
  if (method === "POST" && rest === undefined && !resource.single) return { kind: "protected" };
  if (method === "PATCH" && rest !== undefined) return { kind: "protected" };
  if (method === "DELETE" && rest !== undefined && !resource.single) return { kind: "protected" };
  return { kind: "unknown" };
}

/** Every route of the accounts needs a key, those that read too. */
function usersRoute(method: string, rest: string | undefined): Route {
  const known =
    method === "GET" || method === "HEAD"
      ? true
      : method === "POST"
        ? rest === undefined || rest === "query"
        : (method === "PATCH" || method === "DELETE") && rest !== undefined;
  return { kind: known ? "protected" : "unknown" };
}

function readRoute(of: OfResource, rest: string | undefined): Route {
  const { resource } = of;
  if (rest === undefined) return { kind: resource.single ? "object" : "list", ...of };
  if (resource.single) return { kind: "unknown" };
  if (resource.name === "launches") {
    if (rest === "past" || rest === "upcoming")
      return { kind: "selection", upcoming: rest === "upcoming", ...of };
    if (rest === "latest" || rest === "next") return { kind: "pick", which: rest, ...of };
  }
  return { kind: "one", id: rest, ...of };
}

/** `latest` stands for the newest version of each resource: 5 for launches, 4 for all else. */
function shapeOf(version: string | undefined, name: string): Shape | undefined {
  if (name === "launches")
    return version === "v4" ? "v4" : version === "v5" || version === "latest" ? "v5" : undefined;
  return version === "v4" || version === "latest" ? "v5" : undefined;
}
