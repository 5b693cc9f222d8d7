import { isAbsolute } from "node:path";
import { OptionError } from "../errors.ts";
import { encodeKey, type S3Credentials, signS3 } from "./sign-s3.ts";

/** Where more catalogues are: folders that machines share, and addresses. */
const VARIABLE = "VEELAB_DATASETS";

/** The places that `VEELAB_DATASETS` names, separated by spaces: absolute folders, http(s):// and s3:// addresses. */
export function datasetLocations(): readonly string[] {
  const places = (process.env[VARIABLE] ?? "").split(/\s+/).filter((place) => place !== "");
  for (const place of places)
    if (!isAbsolute(place) && !isAddress(place))
      throw new OptionError(VARIABLE, "absolute folders, http(s):// or s3:// addresses, separated by spaces", place);
  return places;
}

/** Whether a place is an address and not a folder. */
export const isAddress = (place: string): boolean => /^(?:https?|s3):\/\/[^/]/.test(place);

/** Asks for a file below an address; OptionError, in one sentence, where it is not given. */
export async function fetchBelow(address: string, path: string): Promise<Response> {
  const { url, headers } = requestOf(address, path);
  let response: Response;
  try {
    response = await fetch(url, { headers });
  } catch (error) {
    const { cause } = error as Error;
    throw new OptionError(
      VARIABLE,
      `an answer from ${url.origin}`,
      (cause as Error | undefined)?.message ?? String(error),
    );
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new OptionError(VARIABLE, `${path} at ${address}`, `${response.status} ${response.statusText}`.trim());
  }
  return response;
}

function requestOf(address: string, path: string): { url: URL; headers: Record<string, string> } {
  const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(address) ?? [];
  if (bucket === undefined) return { url: new URL(`${address.replace(/\/$/, "")}/${encodeKey(path)}`), headers: {} };
  const key = encodeKey([prefix.replace(/\/$/, ""), path].filter((part) => part !== "").join("/"));
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = AWS_REGION ?? AWS_DEFAULT_REGION ?? "us-east-1";
  const endpoint = (AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL ?? `https://s3.${region}.amazonaws.com`).replace(/\/$/, "");
  const url = new URL(`${endpoint}/${bucket}/${key}`);
  const credentials = credentialsOf(region);
  if (credentials === undefined) return { url, headers: {} };
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  return { url, headers: signS3({ method: "GET", url, time }, credentials) };
}

/** Without a key, a bucket is asked as anybody may ask it. */
function credentialsOf(region: string): S3Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = process.env;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  const sessionToken = AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN };
  return { accessKeyId, secretAccessKey, region, ...sessionToken };
}
