import { spawn } from "node:child_process";

const SCRIPT = `
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(process.argv[1]);
  process.stdout.write("open");
  process.stdin.resume().on("end", () => { instance.closeSync(); process.exit(0); });
`;

export interface Holder extends AsyncDisposable {
  readonly pid: number;
  /** Lets go of the file; again is fine. */
  release(): Promise<void>;
}

/** Another process that has a database open until it is released. */
export async function holdDatabase(path: string): Promise<Holder> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", SCRIPT, path], {
    cwd: import.meta.dirname,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("close", (code) =>
      reject(new Error(`the process that should hold ${path} ended with ${code}`)),
    );
  });
  const release = (): Promise<void> => {
    child.stdin.end();
    return ended;
  };
  return { pid: child.pid ?? 0, release, [Symbol.asyncDispose]: release };
}
