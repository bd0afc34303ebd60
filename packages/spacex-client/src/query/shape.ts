import * as z from "zod";
import type { Population } from "./populate.ts";
import type { Selection } from "./select.ts";
import type { QueryTarget } from "./target.ts";

/** Paths by their first keys; `leaf` is what stands at the end of one. */
interface Tree<Leaf> {
  readonly leaf?: Leaf;
  readonly below: ReadonlyMap<string, Tree<Leaf>>;
}

interface Replacement {
  /** Of the record that stands where an id stood. */
  readonly record: z.ZodType;
  /** Of what a list keeps for an id without a record. */
  readonly dangling: z.ZodType | undefined;
}

interface Shape {
  /** What `selected` says of its leaves; undefined where everything is answered. */
  readonly mode: Selection["mode"] | undefined;
  readonly selected: Tree<true>;
  readonly replaced: Tree<Replacement>;
}

/** The schema of what a query answers: the selected fields of a record, with records in place of populated ids. */
export function shapedSchema(
  target: QueryTarget,
  select: Selection | undefined,
  populations: readonly Population[],
): z.ZodType {
  if (select === undefined && populations.length === 0) return target.schema;
  const paths = (select?.paths ?? []).map((path) => [path, true] as const);
  return shapedObject(target.schema, {
    mode: select?.mode,
    selected: treeOf(select?.mode === "include" ? [...paths, ["id", true]] : paths),
    replaced: treeOf(
      populations.map((population) => [
        population.path,
        {
          record: shapedSchema(population.target, population.select, population.populate),
          dangling: target.dangling[population.path],
        },
      ]),
    ),
  });
}

function shapedObject(schema: z.ZodType, shape: Shape): z.ZodType {
  if (!(schema instanceof z.ZodObject)) return schema;
  const fields: Record<string, z.ZodType> = {};
  for (const [key, field] of Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>)) {
    const selected = shape.selected.below.get(key);
    const gone = shape.mode === "include" ? selected === undefined : selected?.leaf === true;
    if (gone) continue;
    const partly = shape.mode !== undefined && selected !== undefined && selected.leaf === undefined;
    const replaced = shape.replaced.below.get(key) ?? NOTHING;
    if (replaced.leaf !== undefined) fields[key] = substituted(field, replaced.leaf);
    else if (!partly && replaced.below.size === 0) fields[key] = field;
    else {
      fields[key] = inside(field, {
        mode: partly ? shape.mode : undefined,
        selected: partly ? selected : NOTHING,
        replaced,
      });
    }
  }
  return z.looseObject(fields);
}

const NOTHING: Tree<never> = { below: new Map() };

/** An object that may be null may also be missing as soon as only parts of it are asked for. */
function inside(field: z.ZodType, shape: Shape): z.ZodType {
  if (field instanceof z.ZodNullable) {
    const inner = inside(field.unwrap() as z.ZodType, shape).nullable();
    return shape.mode === "include" ? inner.optional() : inner;
  }
  if (field instanceof z.ZodOptional) return inside(field.unwrap() as z.ZodType, shape).optional();
  if (field instanceof z.ZodArray) return z.array(inside(field.element as z.ZodType, shape));
  return shapedObject(field, shape);
}

function substituted(field: z.ZodType, { record, dangling }: Replacement): z.ZodType {
  if (field instanceof z.ZodOptional)
    return substituted(field.unwrap() as z.ZodType, { record, dangling }).optional();
  if (field instanceof z.ZodNullable) return substituted(field.unwrap() as z.ZodType, { record, dangling });
  if (field instanceof z.ZodArray)
    return z.array(dangling === undefined ? record : z.union([record, dangling]));
  return record.nullable();
}

interface Growing<Leaf> {
  leaf?: Leaf;
  readonly below: Map<string, Growing<Leaf>>;
}

function treeOf<Leaf>(entries: readonly (readonly [path: string, leaf: Leaf])[]): Tree<Leaf> {
  const root: Growing<Leaf> = { below: new Map() };
  for (const [path, leaf] of entries) {
    let node = root;
    for (const key of path.split(".")) {
      const next: Growing<Leaf> = node.below.get(key) ?? { below: new Map() };
      node.below.set(key, next);
      node = next;
    }
    node.leaf = leaf;
  }
  return root;
}
