import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

import { isJsonObject, type Json } from "../../protocol/json.ts";
import { InputError, reason } from "../input-error.ts";

/** A file of data that a report rests on. */
export interface Dataset {
  readonly name: string;
  readonly title: string;
  /** Where it came from. */
  readonly source: string;
  readonly licence: string;
  readonly bytes: number;
  /** Of the file as it is: `sha256:` and 64 digits; empty where there is no file. */
  readonly hash: string;
  /** Whether that is the hash that the data package records. */
  readonly asRecorded: boolean;
}

/**
 * The files of a Data Package (datapackage.json, Frictionless Data), each hashed anew: linear in their bytes.
 *
 * @returns none where there is no such file
 * @throws InputError for one that is no JSON
 */
export async function readDataPackage(file: string): Promise<readonly Dataset[]> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  const description = text === undefined ? undefined : parsed(text, file);
  const resources = isJsonObject(description) ? description["resources"] : undefined;
  const datasets: Dataset[] = [];
  for (const resource of Array.isArray(resources) ? (resources as readonly Json[]) : []) {
    if (!isJsonObject(resource)) continue;
    const { hash, bytes } = await hashed(join(dirname(file), textOf(resource["path"])));
    datasets.push({
      name: textOf(resource["name"]),
      title: textOf(resource["title"]),
      source: namesOf(resource["sources"], "title"),
      licence: namesOf(resource["licenses"], "name"),
      ...{ bytes, hash, asRecorded: hash === textOf(resource["hash"]) },
    });
  }
  return datasets;
}

function parsed(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new InputError(`${file}: expected a data package in JSON: ${reason(cause)}`, { cause });
  }
}

async function hashed(file: string): Promise<{ readonly hash: string; readonly bytes: number }> {
  const hash = createHash("sha256");
  const stream = createReadStream(file);
  try {
    await pipeline(stream, hash);
  } catch {
    return { hash: "", bytes: 0 };
  }
  return { hash: `sha256:${hash.digest("hex")}`, bytes: stream.bytesRead };
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");

function namesOf(list: Json | undefined, key: string): string {
  const parts = Array.isArray(list) ? (list as readonly Json[]).filter(isJsonObject) : [];
  return parts.map((part) => textOf(part[key])).join("; ");
}
