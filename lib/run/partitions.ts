import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { OptionError } from "../core/errors.ts";

/** A part of a partitioned dataset: its files, which can be sent to a worker that sees the same folder. */
export interface PartitionFiles {
  /** Its folder or file, from the dataset's own: `vm=17/day=3`. */
  readonly name: string;
  /** What the names of its folders say: `{ vm: "17", day: "3" }`. */
  readonly keys: Readonly<Record<string, string>>;
  /** Parquet files, by their absolute paths, in order. */
  readonly files: readonly string[];
  /** Of all files. */
  readonly bytes: number;
  /** Changes when a file is written anew. */
  readonly stamp: string;
}

/**
 * The partitions of a folder of Parquet files, in the order of their names (numbers by their value). Files whose folders have names as
 * `vm=17` (Hive's layout, which DuckDB, Spark and Arrow write) are one partition a folder; other files are one each. Names
 * that begin with `_` or `.` are left out, as these tools do.
 *
 * @throws OptionError for what is no folder, and for one without a Parquet file
 */
export async function partitionsOf(dataset: string): Promise<PartitionFiles[]> {
  const root = resolve(dataset);
  const status = await stat(root).catch(() => undefined);
  if (!status?.isDirectory()) throw new OptionError("dataset", "a folder of Parquet files", dataset);
  const groups = new Map<string, string[]>();
  for (const file of await parquetFiles(root)) {
    const name = relative(root, file).split(sep).join("/");
    const group = Object.keys(keysOf(name)).length > 0 ? dirname(name) : name;
    groups.set(group, [...(groups.get(group) ?? []), file]);
  }
  if (groups.size === 0) throw new OptionError("dataset", "at least one .parquet file in the folder", dataset);
  const names = [...groups.keys()].sort(byName);
  return Promise.all(names.map((name) => partition(name, (groups.get(name) ?? []).sort(byName))));
}

async function parquetFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const shown = entries.filter(({ name }) => !/^[._]/.test(name));
  const found = await Promise.all(
    shown.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return parquetFiles(path);
      return entry.name.endsWith(".parquet") ? [path] : [];
    }),
  );
  return found.flat();
}

async function partition(name: string, files: readonly string[]): Promise<PartitionFiles> {
  const statuses = await Promise.all(files.map((file) => stat(file)));
  const bytes = statuses.reduce((sum, { size }) => sum + size, 0);
  const stamp = JSON.stringify(statuses.map(({ size, mtimeMs }, at) => [basename(files[at] ?? ""), size, mtimeMs]));
  return { name, keys: keysOf(name), files, bytes, stamp };
}

function keysOf(name: string): Record<string, string> {
  const pairs = name.split("/").flatMap((part): [string, string][] => {
    const [, key, value] = /^([^=]+)=([^=]*)$/.exec(part) ?? [];
    return key === undefined || value === undefined || part.endsWith(".parquet") ? [] : [[key, decoded(value)]];
  });
  return Object.fromEntries(pairs);
}

/** Hive writes what a folder's name cannot hold as in a URL. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const byName = (a: string, b: string): number => order.compare(a, b);
const order = new Intl.Collator("en", { numeric: true });
