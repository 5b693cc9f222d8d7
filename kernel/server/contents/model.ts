import type { BigIntStats } from "node:fs";

import type { Notebook } from "../../run/notebook.ts";
import { splitPath } from "./api-path.ts";

/** What a path can be. */
export type ContentsType = "directory" | "notebook" | "file";

/** How content stands in JSON: a notebook or a folder's list as it is, a file as text or in base64. */
export type ContentsFormat = "json" | "text" | "base64";

/** A file, a notebook or a folder, in the words of Jupyter's contents API. */
export interface Model {
  readonly name: string;
  readonly path: string;
  readonly type: ContentsType;
  readonly writable: boolean;
  /** ISO 8601, to the microsecond. */
  readonly created: string;
  /** ISO 8601, to the microsecond; another after each save. */
  readonly last_modified: string;
  /** In bytes; null for a folder. */
  readonly size: number | null;
  readonly mimetype: string | null;
  readonly content: Notebook | readonly Model[] | string | null;
  readonly format: ContentsFormat | null;
  /** Of the file's bytes, in hexadecimal, where it was asked for. */
  readonly hash: string | null;
  readonly hash_algorithm: "sha256" | null;
}

/** A model without content. */
export function modelOf(path: string, type: ContentsType, stats: BigIntStats, writable: boolean): Model {
  return {
    name: splitPath(path).name,
    path,
    type,
    writable,
    created: isoTime(stats.ctimeNs),
    last_modified: isoTime(stats.mtimeNs),
    size: type === "directory" ? null : Number(stats.size),
    mimetype: null,
    content: null,
    format: null,
    hash: null,
    hash_algorithm: null,
  };
}

/** A time of the file system, to the microsecond; the epoch where it is none that a date can be. */
export function isoTime(nanoseconds: bigint): string {
  const microseconds = nanoseconds / 1000n;
  const date = new Date(Number(microseconds / 1000n));
  if (nanoseconds < 0n || Number.isNaN(date.getTime())) return "1970-01-01T00:00:00.000000Z";
  return date.toISOString().replace("Z", `${String(microseconds % 1000n).padStart(3, "0")}Z`);
}
