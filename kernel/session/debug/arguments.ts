import { isJsonObject, showJson, type Json, type JsonObject } from "../../protocol/json.ts";
import type { Page } from "./variables.ts";

/** The arguments of commands, checked; each error names what was expected and what came. */

export function text(value: Json | undefined, name: string): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${name}: expected a text, got ${showJson(value)}`);
}

export function whole(value: Json | undefined, name: string, otherwise?: number): number {
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new TypeError(`${name}: expected a whole number >= 0, got ${showJson(value)}`);
}

/** The path of the source that a command is about. */
export function sourcePath({ source }: JsonObject): string {
  return text(isJsonObject(source) ? source["path"] : undefined, "source.path");
}

export function list(value: Json | undefined, name: string): readonly Json[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value as readonly Json[];
  throw new TypeError(`${name}: expected a list, got ${showJson(value)}`);
}

/** Which children of a variable are asked for. */
export function page({ filter, start, count }: JsonObject): Page {
  return {
    filter: filter === "indexed" || filter === "named" ? filter : undefined,
    start: whole(start, "start", 0),
    count: whole(count, "count", 0),
  };
}
