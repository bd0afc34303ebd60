/** Where in the SDK's stack {@link payloadHash} belongs: before the request is signed. */
export const BEFORE_SIGNING = { step: "build", name: "lakePayloadHash" } as const;

/**
 * Signs a command's body by a digest that is known. The SDK would hash bytes once more, and leave a stream unsigned.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function payloadHash(sha256: string) {
  return <Args extends { readonly request: unknown }, Output>(next: (args: Args) => Promise<Output>) =>
    (args: Args): Promise<Output> => {
      const { request } = args;
      if (typeof request === "object" && request !== null && "headers" in request)
        Object.assign(request.headers as object, { "x-amz-content-sha256": sha256 });
      return next(args);
    };
}
