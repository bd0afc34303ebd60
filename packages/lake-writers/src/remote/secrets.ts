/** What requests and answers carry that nobody may read in a log. */
const SECRETS: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  /\bya29\.[\w.-]+/g,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];
const NAMED_SECRETS =
  /((?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|googleaccessid|signature|credential|access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret|secret[_-]?access[_-]?key|session[_-]?token|aws[_-]?access[_-]?key[_-]?id|password)["']?\s*[=:]\s*["']?)[^\s"'&,;<>]+/gi;
const AUTHORIZATION =
  /((?:authorization["']?\s*[=:]\s*["']?|\b)(?:bearer|basic|aws4-hmac-sha256)\s+)[^\s"'<>]+/gi;
const USER_INFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;
const SECRET_VARIABLES = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"] as const;
const MASK = "***";

/** The text of a service or an SDK with everything masked that looks like a credential, a token or a signature. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const name of SECRET_VARIABLES) {
    const value = process.env[name];
    if (value !== undefined && value.length >= 8) clean = clean.replaceAll(value, MASK);
  }
  for (const pattern of SECRETS) clean = clean.replace(pattern, MASK);
  return clean
    .replace(AUTHORIZATION, `$1${MASK}`)
    .replace(NAMED_SECRETS, `$1${MASK}`)
    .replace(USER_INFO, `$1${MASK}@`);
}

/**
 * An error to stand as a cause: name, message and the facts, nothing else. Errors of SDKs carry the request with its
 * signature and the answer; anybody who prints one prints those.
 */
export function plainCause(
  error: { readonly name: string; readonly message: string },
  facts: Readonly<Record<string, string | number | undefined>> = {},
): Error {
  const plain = new Error(withoutSecrets(error.message));
  plain.name = error.name;
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.assign(plain, Object.fromEntries(known));
}
