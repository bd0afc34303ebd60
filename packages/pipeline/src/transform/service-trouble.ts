/** What a service refused dbt, which no change of the models would mend. */
export interface ServiceTrouble {
  readonly kind: "busy" | "destination" | "auth";
  readonly code: "WAREHOUSE_QUOTA" | "WAREHOUSE_CHANGED" | "WAREHOUSE_UNREACHABLE" | "WAREHOUSE_FORBIDDEN";
  readonly hint: string;
}

/**
 * Words of BigQuery, Redshift, their Python drivers and the adapters, the more special ones first: a quota is a kind of
 * permission to BigQuery. Redshift's error 1023 comes from the adapter as this number alone.
 *
 * @see https://cloud.google.com/bigquery/docs/error-messages
 * @see https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html
 */
const TROUBLES: readonly (readonly [RegExp, ServiceTrouble])[] = [
  [
    /quota exceeded|exceeded quota|quotaExceeded|rate ?limit ?exceeded|exceeded rate limits|too many (?:concurrent|requests)/i,
    {
      kind: "busy",
      code: "WAREHOUSE_QUOTA",
      hint: "Run transform again when the service has room for it; SPACEX_ETL_DBT_THREADS=1 asks for less at once.",
    },
  ],
  [
    /concurrent (?:update|transaction)|could not serialize|serializable isolation|^\W*(?:error:\W*)?1023\b\W*$|deadlock detected|could not open relation with OID/im,
    {
      kind: "busy",
      code: "WAREHOUSE_CHANGED",
      hint: "Somebody else wrote to the same tables at the same time: run transform again.",
    },
  ],
  [
    /communication error|connection time(?:d )? ?out|connection (?:refused|reset|aborted|is closed)|server (?:socket )?closed|broken ?pipe|max retries exceeded|failed to (?:establish a new connection|resolve)|name or service not known|temporary failure in name resolution|network is unreachable|service ?unavailable|backendError/i,
    {
      kind: "destination",
      code: "WAREHOUSE_UNREACHABLE",
      hint: "Check network and firewall, and run transform again.",
    },
  ],
  [
    /access denied|permission denied (?:for|to)|does not have (?:\S+ )?permission|insufficient (?:permission|authentication)|must be owner of|authentication failed|default credentials|determine credentials|generate access token|acquire impersonated|reauthentication|invalid_grant|no password was provided/i,
    {
      kind: "auth",
      code: "WAREHOUSE_FORBIDDEN",
      hint: "dbt signs in as the load does, and makes and writes the schemas of staging and marts: grant it that, and run transform again.",
    },
  ],
];

/**
 * The trouble with the service that all of the messages tell of; undefined where one of them tells of something else, as
 * of a model that is wrong: trying again would not be enough.
 */
export function serviceTrouble(messages: readonly string[]): ServiceTrouble | undefined {
  const found = messages.map((message) => TROUBLES.find(([words]) => words.test(message))?.[1]);
  return found.includes(undefined) ? undefined : found[0];
}
