import { BigQuery, type BigQueryOptions as ClientOptions } from "@google-cloud/bigquery";

/**
 * The real client, pointed at the double. Its auth client has a fixed API key; without one the library would look for
 * credentials of the machine.
 *
 * @param options Over the defaults: no retries, which otherwise hide what the server answered.
 */
export function clientOf(endpoint: string, projectId: string, options: ClientOptions = {}): BigQuery {
  const place = { projectId, apiEndpoint: endpoint, autoRetry: false };
  const authClient = new BigQuery(place).authClient.fromAPIKey("none");
  return new BigQuery({ ...place, authClient, ...options });
}
