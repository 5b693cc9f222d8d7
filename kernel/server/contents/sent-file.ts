import type { Json } from "../../protocol/json.ts";
import { HttpError } from "../http/route.ts";
import { shown } from "./api-path.ts";

/**
 * The bytes of a file as a page sends it.
 *
 * @throws HttpError 400 where they are not what the format says: nothing is dropped or replaced
 */
export function bytesSent(content: Json | undefined, format: Json | undefined, path: string): Buffer {
  if (format !== "text" && format !== "base64")
    throw new HttpError(
      400,
      `expected format text or base64 for ${shown(path)}, got ${JSON.stringify(format ?? null)}`,
    );
  if (typeof content !== "string")
    throw new HttpError(400, `expected content as text for ${shown(path)}, got other JSON`);
  if (format === "text") {
    if (/\p{Surrogate}/u.test(content))
      throw new HttpError(400, `expected text in Unicode for ${shown(path)}, got half of a surrogate pair`);
    return Buffer.from(content, "utf8");
  }
  const packed = content.replaceAll(/\s+/gu, "");
  if (packed.length % 4 !== 0 || !/^[A-Za-z\d+/]*={0,2}$/u.test(packed))
    throw new HttpError(400, `expected base64 for ${shown(path)}, got other text`);
  return Buffer.from(packed, "base64");
}
