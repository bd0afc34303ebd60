/** An object store on 127.0.0.1 in a process of its own, empty at first. */
export interface TestServer extends AsyncDisposable {
  readonly kind: "moto" | "versitygw" | "fake-gcs-server";
  readonly service: "s3" | "gcs";
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** What a process needs to be let in: test credentials for S3, nothing for GCS. */
  readonly env: Readonly<Record<string, string>>;
  /** A LAKE_URL. `endpoint`: of a proxy before the server. */
  lakeUrl(bucket: string, prefix?: string, endpoint?: string): string;
  makeBucket(bucket: string): Promise<void>;
  /** The end of what the server printed. */
  log(): string;
  /** Ends the process and removes its data; again is fine. */
  close(): Promise<void>;
}

/** Credentials of the S3 servers; versitygw refuses all others. */
export const TEST_CREDENTIALS = {
  accessKeyId: "AKIATESTSERVER000000",
  secretAccessKey: "test-server-secret-key",
} as const;

export const TEST_REGION = "us-east-1";
