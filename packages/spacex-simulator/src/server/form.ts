/** Arrays by index are no longer than this; a larger index is a key of an object (module qs). */
const MOST_INDEX = 20;
/** Brackets below this depth are part of the last key (module qs). */
const MOST_DEPTH = 5;

interface Node {
  [key: string]: Node | string;
}

/** `query[name]=x&options[populate][]=rocket&options.limit=2` as an object, as the API's form parser makes it. */
export function parseForm(text: string): unknown {
  const root: Node = Object.create(null) as Node;
  for (const [name, value] of new URLSearchParams(text)) add(root, keysOf(name), value);
  return finished(root);
}

function keysOf(name: string): string[] {
  const bracketed = name.replace(/\.([^.[\]]+)/g, "[$1]");
  const first = bracketed.split("[", 1)[0] ?? "";
  const below = Array.from(bracketed.matchAll(/\[([^\]]*)\]/g), (match) => match[1] ?? "");
  const kept = below.slice(0, MOST_DEPTH);
  const rest = below.slice(MOST_DEPTH).map((key) => `[${key}]`);
  return [first, ...kept, ...(rest.length === 0 ? [] : [rest.join("")])];
}

function add(root: Node, keys: readonly string[], value: string): void {
  let node = root;
  keys.forEach((key, depth) => {
    // An empty key takes the next place of an array.
    const own = key === "" && depth > 0 ? String(Object.keys(node).length) : key;
    if (depth === keys.length - 1) {
      const known = node[own];
      // The same name twice is an array of two.
      if (known === undefined) node[own] = value;
      else if (typeof known === "string") node[own] = Object.assign(emptyNode(), { 0: known, 1: value });
      else known[String(Object.keys(known).length)] = value;
      return;
    }
    const next = node[own];
    node = typeof next === "object" ? next : (node[own] = emptyNode());
  });
}

/** Without a prototype, so that no key means anything else than itself. */
function emptyNode(): Node {
  return Object.create(null) as Node;
}

function finished(node: Node | string): unknown {
  if (typeof node === "string") return node;
  const entries = Object.entries(node);
  const isArray =
    entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key) && Number(key) <= MOST_INDEX);
  if (isArray)
    return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, value]) => finished(value));
  return Object.fromEntries(entries.map(([key, value]) => [key, finished(value)]));
}
