/**
 * A Redshift stand-in for tests: PostgreSQL behind an endpoint that translates, refuses, and runs COPY. README.md says
 * what it proves.
 *
 *     await using redshift = await startRedshift({ s3: { endpoint, region, credentials }, roles: [arn] });
 *     const client = new Client(redshift.connection);
 */
export type { Fault, StatementHooks, StatementRecord } from "./controls.ts";
export type { TableAttributes } from "./table-reading.ts";
export { type Kind, type Recognition, recognise } from "./recognise.ts";
export { type RedshiftOptions, type RedshiftStandIn, startRedshift } from "./stand-in.ts";
