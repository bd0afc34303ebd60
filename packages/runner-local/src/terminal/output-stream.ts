/** The part of `process.stdout` that is used here. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Width and height in characters, of a terminal. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  on?(event: "resize", listener: () => void): unknown;
  off?(event: "resize", listener: () => void): unknown;
}

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a variable is set to something that means yes. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && !/^(0|false|no|off)?$/i.test(value.trim());
}
