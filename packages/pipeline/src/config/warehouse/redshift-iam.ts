import { addressError, matching, oneOf } from "./address.ts";
import type { RedshiftIam } from "./warehouse-location.ts";

/** The parameters of an address that are about credentials of IAM. */
export interface IamParameters {
  readonly iam?: "true" | "false";
  readonly cluster?: string;
  readonly workgroup?: string;
  readonly region?: string;
}

const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/;

export const iamReaders = {
  iam: oneOf("true", "false"),
  // https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html
  cluster: matching(
    /^[a-z](?:-?[a-z0-9]){0,62}$/,
    "the identifier of a cluster: small letters, digits and hyphens, a letter first",
  ),
  workgroup: matching(
    /^[a-z0-9-]{3,64}$/,
    "the name of a workgroup: 3 to 64 small letters, digits and hyphens",
  ),
  region: matching(REGION, "a region of AWS like eu-central-1"),
} as const;

/**
 * Which cluster or workgroup gives credentials: the one that the parameters name, else the one in the host's name.
 *
 * @param host in small letters
 * @param region where neither parameter nor host says it
 * @returns undefined without `iam=true`
 * @throws EtlError of kind `usage`, WAREHOUSE_URL, for what is missing or contradicts
 */
export function iamOf(
  parameters: IamParameters,
  host: string,
  region: string | undefined,
): RedshiftIam | undefined {
  const { cluster, workgroup } = parameters;
  if (parameters.iam !== "true") {
    const idle = (["cluster", "workgroup", "region"] as const).find((name) => parameters[name] !== undefined);
    if (idle === undefined) return undefined;
    throw addressError(
      `the parameter ${idle} says whom to ask for credentials, but iam=true is not there`,
      `Add &iam=true, or leave ${idle} out.`,
    );
  }
  if (cluster !== undefined && workgroup !== undefined)
    throw addressError(
      "the parameters cluster and workgroup contradict each other",
      "Leave out one of them.",
    );
  const known = readHost(host);
  const kind = cluster !== undefined ? "cluster" : workgroup !== undefined ? "workgroup" : known?.kind;
  const name = cluster ?? workgroup ?? known?.name;
  if (kind === undefined || name === undefined)
    throw addressError(
      "it says iam=true, but its host does not tell which cluster or workgroup to ask for credentials",
      "Add &cluster=… or &workgroup=…, and &region=… unless AWS_REGION is set.",
    );
  if (known !== undefined && known.kind !== kind)
    throw addressError(
      `the parameter ${kind} contradicts the host, which is that of a ${known.kind}`,
      `Leave it out, or give ${known.kind}.`,
    );
  return { kind, name, region: regionOf(parameters.region, known?.region, region) };
}

/** Parameters that lead to the same again, as few as do. */
export function iamQuery(iam: RedshiftIam | undefined, host: string): Record<string, string | undefined> {
  if (iam === undefined) return {};
  const known = readHost(host);
  return {
    iam: "true",
    [iam.kind]: known?.name === iam.name ? undefined : iam.name,
    region: known === undefined ? iam.region : undefined,
  };
}

function regionOf(given: string | undefined, ofHost: string | undefined, set: string | undefined): string {
  if (given !== undefined && ofHost !== undefined && given !== ofHost)
    throw addressError(
      `the parameter region contradicts the host, which is in ${ofHost}`,
      "Leave it out, or correct it.",
    );
  const region = given ?? ofHost ?? set;
  if (region === undefined)
    throw addressError(
      "it says iam=true, but not in which region to ask for credentials",
      "Add &region=eu-central-1 for example, or set AWS_REGION.",
    );
  if (REGION.test(region)) return region;
  throw addressError(
    "AWS_REGION (or AWS_DEFAULT_REGION) is no region like eu-central-1",
    "Correct it, or add &region=….",
  );
}

/**
 * `<cluster>.<hash>.<region>.redshift.amazonaws.com` or
 * `<workgroup>.<account>.<region>.redshift-serverless.amazonaws.com`. An endpoint in a VPC of its own has its own name
 * in the first place: then the parameter must be given.
 *
 * @see https://docs.aws.amazon.com/redshift/latest/mgmt/configuring-connections.html
 */
function readHost(host: string): RedshiftIam | undefined {
  const [, name = "", region = "", service] =
    /^([a-z0-9-]+)\.[a-z0-9-]+\.([a-z0-9-]+)\.(redshift(?:-serverless)?)\.amazonaws\.com(?:\.cn)?\.?$/.exec(
      host,
    ) ?? [];
  if (service === undefined || !REGION.test(region)) return undefined;
  return { kind: service === "redshift" ? "cluster" : "workgroup", name, region };
}
