/** The text of `record --help`. */
export function recordUsage(): string {
  return [
    "Saves a running SpaceX REST API as a folder that simulate --data serves again,",
    "byte for byte and with the same ETags.",
    "",
    "  --api URL          address of the API, or live for the public one",
    "  --out DIR          where the files go: a new or empty folder, or one that this",
    "                     command began; complete files in it are kept",
    "  --collections A,B  these only (all); launches stands for both of its versions",
    "  --refresh          ask for complete files whether they are still current",
    "  --max-requests-per-second N",
    "                     most requests per second (10)",
    "  --help             this text",
    "",
    "  Interrupted or failed, the same command goes on where it stopped.",
  ].join("\n");
}
