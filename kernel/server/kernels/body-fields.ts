import { isJsonObject, showJson, type JsonObject } from "../../protocol/json.ts";
import { HttpError } from "../http/route.ts";

/**
 * A text of a request's body; undefined where it is null or not there.
 *
 * @throws HttpError 400 when it is something else
 */
export function textField(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new HttpError(400, `${name}: expected a text, got ${showJson(value)}`);
  return value;
}

/**
 * An object of a request's body; an empty one where it is null or not there.
 *
 * @throws HttpError 400 when it is something else
 */
export function objectField(body: JsonObject, name: string): JsonObject {
  const value = body[name] ?? {};
  if (!isJsonObject(value)) throw new HttpError(400, `${name}: expected an object, got ${showJson(value)}`);
  return value;
}
