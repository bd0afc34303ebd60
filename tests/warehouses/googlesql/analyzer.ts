import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { installGoogleSql } from "./install.ts";
import { GOOGLESQL } from "./pins.ts";
import type { ScriptVerdict, Surroundings, Verdict } from "./question.ts";

/** Longest that one question may take, in ms; the first loads the native library. */
const ANSWER_MS = 120_000;
/** After so long without an end it is killed, in ms. */
const END_MS = 5_000;
/** Kept of what the program printed, in characters. */
const LOG_CHARACTERS = 20_000;

const answer = z.union([
  z.object({ id: z.number(), ok: z.literal(true) }),
  z.object({
    id: z.number(),
    ok: z.literal(false),
    message: z.string(),
    statement: z.number(),
    line: z.number().exactOptional(),
    column: z.number().exactOptional(),
  }),
  /** Neither yes nor no: the program could not judge. */
  z.object({ id: z.number(), broken: z.string() }),
]);

/** Google's analyzer in a process of its own; it takes about 300 MB of memory. */
export interface Analyzer extends AsyncDisposable {
  /**
   * Judges one text: a statement, or a script as a whole.
   *
   * @throws Error if it could not be judged, for example for a column of an unknown type among the tables.
   */
  judge(question: Surroundings & { readonly sql: string }): Promise<Verdict>;
  /**
   * Judges a script in its parts, each of one or more statements: what one part defines, the next ones know. An IF and
   * its END IF are in the same part. A refusal ends it, so later parts are not looked at.
   *
   * @throws Error if it could not be judged.
   */
  judgeScript(question: Surroundings & { readonly statements: readonly string[] }): Promise<ScriptVerdict>;
  /** Ends the process; again is fine. */
  close(): Promise<void>;
}

/**
 * Starts the analyzer; installs it before, once per clone. Takes questions at any time and answers them in order.
 *
 * @param options.say Hears of a long installation. @default stderr
 */
export async function startAnalyzer(
  options: { readonly say?: (line: string) => void } = {},
): Promise<Analyzer> {
  const { java, classPath } = await installGoogleSql(
    options.say ?? ((line) => process.stderr.write(`${line}\n`)),
  );
  // Tests are short: the second compiler of the virtual machine would cost more than it saves.
  const flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"];
  const child = spawn(java, [...flags, "-cp", classPath, "Judge"], {
    // A virtual machine that crashes leaves a file here.
    cwd: GOOGLESQL,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const waiting = new Map<number, PromiseWithResolvers<ScriptVerdict>>();
  let log = "";
  let end: Error | undefined;
  let asked = 0;

  const ended = new Promise<void>((resolve) => {
    const finish = (why: string): void => {
      end ??= new Error(`Google's analyzer ${why}:\n${log}`);
      for (const { reject } of waiting.values()) reject(end);
      waiting.clear();
      resolve();
    };
    child.once("error", (error) => finish(`did not start (${error.message})`));
    child.once("close", (code, signal) => finish(`ended (${code ?? signal})`));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-LOG_CHARACTERS);
  });
  // Its end is reported by "close"; a write that comes too late is no error of its own.
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    // A virtual machine that crashes says so here.
    if (!line.startsWith("{")) {
      log = `${log}${line}\n`.slice(-LOG_CHARACTERS);
      return;
    }
    const { id, ...said } = answer.parse(JSON.parse(line));
    const asker = waiting.get(id);
    waiting.delete(id);
    if ("broken" in said) asker?.reject(new Error(`Google's analyzer could not judge: ${said.broken}`));
    else asker?.resolve(said);
  });
  // A test runner that stops in the middle leaves no process behind.
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);

  const ask = async (question: Surroundings & { readonly statements: readonly string[] }) => {
    if (end !== undefined) throw end;
    const id = ++asked;
    const asker = Promise.withResolvers<ScriptVerdict>();
    waiting.set(id, asker);
    child.stdin.write(`${JSON.stringify({ ...question, id })}\n`);
    const late = setTimeout(() => {
      waiting.delete(id);
      asker.reject(new Error(`Google's analyzer did not answer for ${ANSWER_MS / 1000} s:\n${log}`));
    }, ANSWER_MS);
    return await asker.promise.finally(() => clearTimeout(late));
  };
  const close = async (): Promise<void> => {
    child.stdin.end();
    const force = setTimeout(() => child.kill("SIGKILL"), END_MS);
    await ended;
    clearTimeout(force);
    process.off("exit", killAtExit);
  };
  return {
    async judge({ sql, ...surroundings }) {
      const verdict = await ask({ ...surroundings, statements: [sql] });
      if (verdict.ok) return verdict;
      const { statement: _only, ...refused } = verdict;
      return refused;
    },
    judgeScript: ask,
    close,
    [Symbol.asyncDispose]: close,
  };
}
