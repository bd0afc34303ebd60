import { type Meaning, PERMISSIONS, type Scene } from "./scene.ts";

/** What an answer 403 means: mostly a permission, which newer messages name. */
export function forbidden(reason: string, message: string, scene: Scene): Meaning {
  const text = `${reason} ${message}`;
  if (
    scene.action !== "read" &&
    /retentionPolicyNotMet|objectUnderActiveHold|retention policy|under.* hold/i.test(text)
  ) {
    return {
      kind: "destination",
      code: "LAKE_REFUSED",
      retryable: false,
      retry: false,
      hint: "A retention policy or a hold keeps the object: run again when its time has come.",
    };
  }
  return { kind: "auth", code: "LAKE_PERMISSION", retry: false, hint: hintOf(text, scene) };
}

function hintOf(text: string, { action, bucket }: Scene): string {
  if (/cloudkms|\bkms\b/i.test(text)) {
    return "Give the project's Cloud Storage service agent roles/cloudkms.cryptoKeyEncrypterDecrypter on the key.";
  }
  if (/accountDisabled|billing/i.test(text)) {
    return "Enable billing in the project that owns the bucket, or in the one that pays.";
  }
  if (/serviceusage|userProject/i.test(text)) {
    return "The account needs serviceusage.services.use on the project of userProject.";
  }
  if (/vpcServiceControls|organization's policy/i.test(text)) {
    return "A perimeter of VPC Service Controls forbids it: run inside of it, or ask for an access level.";
  }
  // "… does not have storage.objects.create access to …", "Permission 'storage.objects.create' denied …"
  const named = /\bstorage\.[a-zA-Z]+\.[a-zA-Z]+\b/.exec(text)?.[0];
  return `Grant ${named ?? PERMISSIONS[action]} on gs://${bucket}; a deny policy or a condition may also refuse it.`;
}
