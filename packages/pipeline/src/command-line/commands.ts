/** The commands that take settings; each is a function of this package. */
export const COMMAND_NAMES = [
  "run",
  "extract",
  "normalize",
  "load",
  "transform",
  "plan",
  "verify",
  "files",
  "gc",
  "doctor",
] as const;

/** Name of a command of the pipeline, as it is typed. */
export type CommandName = (typeof COMMAND_NAMES)[number];

/** What help says of a command. */
export interface CommandDescription {
  readonly name: CommandName;
  /** One line, lower case, without a full stop. */
  readonly summary: string;
  /** What it does, in a few sentences, for `help <command>`. */
  readonly description: string;
  /** Placeholder of the one positional argument it takes. */
  readonly argument?: string;
}

/** The commands of the pipeline, in the order of help. */
export const COMMANDS: readonly CommandDescription[] = [
  {
    name: "run",
    summary: "extract, normalize, load and transform (the default)",
    description:
      "Does all four steps under one run id. The same run id again continues where it stopped; when everything was done, it says so and changes nothing.",
  },
  {
    name: "extract",
    summary: "API → raw zone of the lake",
    description:
      "Reads every collection with one conditional request and keeps the records byte for byte. Collections that are complete under this run id are not fetched again.",
  },
  {
    name: "normalize",
    summary: "raw zone → typed tables in the lake",
    description:
      "Makes Parquet tables of the raw records, with a child table for every array. Without --run-id it takes the newest extract.",
  },
  {
    name: "load",
    summary: "tables of the lake → warehouse",
    description:
      "Applies the changes to all tables in one transaction. Without --run-id it takes the newest tables. A run that was loaded before changes nothing.",
  },
  {
    name: "transform",
    summary: "dbt: raw tables → staging and marts",
    description:
      "Runs dbt build on the warehouse. It is skipped, and says so, when nothing was loaded since the last successful one.",
  },
  {
    name: "plan",
    summary: "print what run would do, and write nothing",
    description:
      "Prints requests, what is read and written in the lake, DDL and jobs. For the same state of the source this is what run then does.",
  },
  {
    name: "verify",
    summary: "recompute checksums, counts and keys of the lake",
    description:
      "Follows the chain of manifests down to every part, of the whole lake or of the run of --run-id, and recomputes what can be recomputed. Exit code 10 when something does not fit.",
  },
  {
    name: "files",
    summary: "print the files that hold a table now",
    description:
      "Prints the Parquet files of a table in the newest run (or --run-id), one path or address per line, ready for any reader.",
    argument: "<table>",
  },
  {
    name: "gc",
    summary: "delete what no kept run needs",
    description:
      "Deletes objects of the lake that no committed manifest of a kept run reaches. All runs are kept unless --keep-runs or --keep-days says otherwise; with both, a run is kept if either keeps it. Whatever is younger than the grace period stays. Of BigQuery, stages that killed loads left behind go too.",
  },
  {
    name: "doctor",
    summary: "check configuration, permissions and connections",
    description:
      "Checks everything a run needs without running it, of a bucket each operation with the permission that it needs, of a warehouse the connection and what a load may do there. It writes at most a probe object, and deletes it.",
  },
];
