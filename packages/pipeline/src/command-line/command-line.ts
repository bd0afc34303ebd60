import { parseArgs } from "node:util";
import { withoutSecrets } from "../config/without-secrets.ts";
import { COMMAND_NAMES, type CommandName } from "./commands.ts";
import { FLAGS } from "./flags.ts";
import { didYouMean, usageError } from "./usage-error.ts";

/** Flags by their long name without dashes. A value flag may hold several values where it was given several times. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What a person asked for. */
export type CommandLine =
  | {
      readonly kind: "command";
      readonly command: CommandName;
      readonly flags: FlagValues;
      readonly positionals: readonly string[];
    }
  | { readonly kind: "help"; readonly topic: string | undefined }
  | { readonly kind: "version" }
  /** Commands of the simulator, which reads their arguments itself. */
  | { readonly kind: "simulate" | "record"; readonly argv: readonly string[] };

const options = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
  ...Object.fromEntries(
    FLAGS.map((flag) => [
      flag.name,
      flag.kind === "switch" ? ({ type: "boolean" } as const) : ({ type: "string", multiple: true } as const),
    ]),
  ),
} as const;

const ALL_FLAGS = ["--help", "--version", ...FLAGS.map((flag) => `--${flag.name}`)];
const ALL_COMMANDS = [...COMMAND_NAMES, "simulate", "record", "help"];

/**
 * What the words after the program's name ask for. Without a command it is `run`. Values are not looked at here, see
 * `parseConfig`.
 *
 * @throws EtlError of kind `usage` for an unknown flag or command, and for a flag with or without a value against its
 *   nature.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  if (argv[0] === "simulate" || argv[0] === "record") return { kind: argv[0], argv: argv.slice(1) };
  const { values, positionals } = readWords(argv);
  const [first, ...rest] = positionals;
  if (values["version"] === true) return { kind: "version" };
  if (first === "help") return { kind: "help", topic: rest[0] };
  if (values["help"] === true) return { kind: "help", topic: first };
  if (first === "simulate" || first === "record") {
    throw usageError(
      "MISPLACED_COMMAND",
      `${first} takes its own flags, so it must be the first word.`,
      `Write \`spacex-etl ${first} …\`; \`spacex-etl ${first} --help\` lists its flags.`,
    );
  }
  const command = first ?? "run";
  if (!isCommand(command)) {
    throw usageError(
      "UNKNOWN_COMMAND",
      `There is no command ${JSON.stringify(withoutSecrets(command))}.`,
      didYouMean(command, ALL_COMMANDS, `The commands are ${ALL_COMMANDS.join(", ")}.`),
    );
  }
  const { help: _help, version: _version, ...flags } = values;
  return { kind: "command", command, flags, positionals: rest };
}

function isCommand(text: string): text is CommandName {
  return (COMMAND_NAMES as readonly string[]).includes(text);
}

interface Words {
  readonly values: FlagValues;
  readonly positionals: readonly string[];
}

function readWords(argv: readonly string[]): Words {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options,
      strict: true,
      allowPositionals: true,
    });
    return { values: { ...(values as FlagValues) }, positionals };
  } catch (error) {
    throw ofParseArgs(error, argv);
  }
}

/** `parseArgs` has stable codes, and the flag in quotes in its message: `'--lake <value>'`, `'-x'`. */
function ofParseArgs(error: unknown, argv: readonly string[]): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const flag = /'(?:-\w, )?(--?[^\s'=]+)/.exec(error.message)?.[1] ?? "";
  if (error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    // "-json" arrives as the unknown short flag "-j".
    const typed = flag.startsWith("--")
      ? flag
      : (argv.find((word) => word.startsWith(flag) && word.length > 2) ?? flag);
    return usageError(
      "UNKNOWN_FLAG",
      `There is no flag ${typed}.`,
      didYouMean(
        `--${typed.replace(/^-+/, "").replace(/=.*$/s, "")}`,
        ALL_FLAGS,
        "`spacex-etl help` lists the flags.",
      ),
    );
  }
  if (error.code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") {
    const known = FLAGS.find(({ name }) => `--${name}` === flag);
    if (known?.kind === "value") {
      return usageError(
        "FLAG_VALUE_MISSING",
        `${flag} needs a value.`,
        `Write ${flag} ${known.placeholder}; a value that begins with "-" is written ${flag}=VALUE.`,
      );
    }
    return usageError(
      "FLAG_VALUE_UNEXPECTED",
      `${flag} takes no value.`,
      `Write ${flag} alone, or leave it out.`,
    );
  }
  return usageError("USAGE", error.message, "`spacex-etl help` lists commands and flags.");
}
