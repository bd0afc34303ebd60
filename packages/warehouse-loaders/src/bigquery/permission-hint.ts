import type { Scene } from "./meaning.ts";

/** How to grant what the service's words say is missing. Roles: https://cloud.google.com/bigquery/docs/access-control */
export function permissionHint(
  message: string,
  { place, jobProject }: Pick<Scene, "place" | "jobProject">,
): string {
  if (/billing/i.test(message)) return `Enable billing in ${jobProject}.`;
  if (/cloudkms|\bkms\b/i.test(message)) {
    return "Give BigQuery's service agent roles/cloudkms.cryptoKeyEncrypterDecrypter on the key.";
  }
  if (/vpcServiceControls|organization's policy/i.test(message)) {
    return "A perimeter of VPC Service Controls forbids it: run inside of it, or ask for an access level.";
  }
  const named = /\b(?:bigquery|storage|iam|serviceusage)\.[a-zA-Z]+\.[a-zA-Z]+\b/.exec(message)?.[0];
  if (named?.startsWith("storage.") === true || /gs:\/\/|bucket/i.test(message)) {
    return `Grant ${named ?? "storage.objects.get"} on the lake's bucket (roles/storage.objectViewer) to the account that loads.`;
  }
  if (named === "bigquery.jobs.get") {
    return `The job was started by another account: run as that one, or grant ${named} on ${jobProject} (roles/bigquery.resourceViewer).`;
  }
  if (named === "bigquery.datasets.create") {
    return `Grant ${named} on the project ${place.slice(0, place.lastIndexOf("."))} (roles/bigquery.dataEditor or roles/bigquery.user there has it), or create the dataset ${place} yourself.`;
  }
  if (named?.startsWith("bigquery.jobs.") === true)
    return `Grant ${named} on ${jobProject}: roles/bigquery.jobUser.`;
  if (named !== undefined) return `Grant ${named} on ${place}: roles/bigquery.dataEditor has it.`;
  return `The account needs roles/bigquery.jobUser on ${jobProject} and roles/bigquery.dataEditor on ${place}.`;
}
