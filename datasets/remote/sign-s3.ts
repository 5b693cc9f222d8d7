import { createHash, createHmac } from "node:crypto";

/** Who asks, as AWS's environment variables have it. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
}

/** A request without a body. */
export interface S3Request {
  readonly method: "GET";
  readonly url: URL;
  /** Headers beside the host, in small letters, which are signed too. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The time of the request, `20130524T000000Z`. */
  readonly time: string;
}

const EMPTY = createHash("sha256").update("").digest("hex");

/**
 * The headers of a signed request to S3 or a store with its interface (AWS Signature Version 4, single chunk, empty body; see
 * "Authenticating Requests" in the API reference of Amazon S3). The URL's path must be percent-encoded by {@link encodeKey}.
 */
export function signS3(
  { method, url, headers = {}, time }: S3Request,
  credentials: S3Credentials,
): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = credentials;
  const signed: Record<string, string> = {
    ...headers,
    "x-amz-content-sha256": EMPTY,
    "x-amz-date": time,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
  };
  const all = Object.entries({ ...signed, host: url.host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = all.map(([name]) => name).join(";");
  const lines = all.map(([name, value]) => `${name}:${value.trim()}\n`).join("");
  const canonical = [method, url.pathname, url.search.slice(1), lines, names, EMPTY].join("\n");
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const key = scope.split("/").reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, toSign).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`;
  return { ...signed, authorization };
}

/** A key of a bucket as the path of a URL, in the one form that S3 signs. */
export const encodeKey = (key: string): string =>
  key
    .split("/")
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join("/");

const hmac = (key: Buffer | string, text: string): Buffer => createHmac("sha256", key).update(text).digest();
