import { EXIT_CODES } from "@spacex-etl/contracts/errors";
import { describeFlags, OTHER_ENVIRONMENT } from "@spacex-etl/pipeline/command-line";
import { renderTable, type Style } from "../terminal/index.ts";

/** The table of exit codes, from the one in code. */
export function exitCodesHelp(style: Style): string[] {
  return [
    ...renderTable(
      [
        { title: "code", align: "right" },
        { title: "kind", align: "left" },
        { title: "meaning", align: "left" },
        { title: "retry?", align: "left" },
      ],
      Object.entries(EXIT_CODES).map(([kind, { exitCode, meaning, retryable }]) => [
        String(exitCode),
        kind,
        meaning,
        exitCode === 0 ? "" : retryable ? "yes" : "no",
      ]),
      style.dim,
    ),
    "",
    "Retry: the same command with the same run id may succeed later without a change.",
  ];
}

/** All environment variables, from the table of settings. */
export function environmentHelp(style: Style): string[] {
  const settings = describeFlags().map((flag) => [flag.env, `as --${flag.name}`]);
  const others = Object.entries(OTHER_ENVIRONMENT);
  return [
    ...renderTable(
      [
        { title: "variable", align: "left" },
        { title: "meaning", align: "left" },
      ],
      [...settings, ...others],
      style.dim,
    ),
    "",
    "A flag wins over a variable. An empty variable is not set; a switch is 1 or 0.",
    "A RUN_ID that is no run id, such as a scheduler's, is mapped to one, and said aloud.",
  ];
}
