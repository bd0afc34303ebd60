type Scalar = string | number | boolean | null | undefined;

/** Dotted paths of a record, through arrays without positions: `name`, `cores.core`, `links.patch.small`. */
export type FieldPath<T> = T extends readonly (infer Element)[]
  ? FieldPath<NonNullable<Element>>
  : T extends Scalar
    ? never
    : {
        [Key in keyof T & string]-?: Key | `${Key}.${FieldPath<NonNullable<T[Key]>>}`;
      }[keyof T & string];

/** Paths to or through the element at a position of an array: `cores.0.core`, `ships.2`. */
export type PositionPath<T> = T extends Scalar
  ? never
  : {
      [Key in keyof T & string]-?: NonNullable<T[Key]> extends readonly (infer Element)[]
        ? `${Key}.${number}` | `${Key}.${number}.${FieldPath<NonNullable<Element>>}`
        : `${Key}.${PositionPath<NonNullable<T[Key]>>}`;
    }[keyof T & string];

/** What stands at a path of a record; of an array on the way, its elements. */
export type FieldAt<T, Path extends string> = T extends readonly (infer Element)[]
  ? Path extends `${number}`
    ? Element
    : FieldAt<NonNullable<Element>, Path extends `${number}.${infer Rest}` ? Rest : Path>
  : Path extends keyof T
    ? T[Path]
    : Path extends `${infer Key}.${infer Rest}`
      ? Key extends keyof T
        ? FieldAt<NonNullable<T[Key]>, Rest>
        : never
      : never;

/** The first keys of paths that go deeper. */
export type Heads<Path> = Path extends `${infer Key}.${string}` ? Key : never;

/** What follows a key in the paths that begin with it. */
export type Tails<Path, Key> = Key extends string
  ? Path extends `${Key}.${infer Rest}`
    ? Rest
    : never
  : never;
