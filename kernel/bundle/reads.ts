import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../package-root.ts";

/** The files that a run met, each once, in the order of their paths. */
export interface Reads {
  /** Those that were read and not written before. */
  readonly read: readonly string[];
  /** Those that were only looked at: a native library may have read them. */
  readonly looked: readonly string[];
  /** When the run began: milliseconds since 1970. */
  readonly began: number;
}

/**
 * Runs something with an environment in which kernels tell the files that they read.
 *
 * @param run - gets the variables for the kernel
 * @returns what it gave, and the files
 */
export async function recordReads<T>(
  run: (environment: Readonly<Record<string, string>>) => Promise<T>,
): Promise<{ readonly result: T; readonly reads: Reads }> {
  const folder = await mkdtemp(join(tmpdir(), "veelab-reads-"));
  const log = join(folder, "reads");
  const recorder = pathToFileURL(join(packageRoot(), "dist", "kernel", "bundle", "record-reads.js")).href;
  const options = [process.env["NODE_OPTIONS"], `--import=${recorder}`].filter((option) => option !== undefined);
  const began = Date.now();
  try {
    const result = await run({ NODE_OPTIONS: options.join(" "), VEELAB_READS: log });
    return { result, reads: { ...parsedReads(await readFile(log, "utf8").catch(() => "")), began } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parsedReads(log: string): Omit<Reads, "began"> {
  const first = new Map<string, string>();
  const read = new Set<string>();
  for (const line of log.split("\n").filter((each) => each !== "")) {
    const [kind, path] = JSON.parse(line) as [string, string];
    if (!first.has(path) || first.get(path) === "looked") first.set(path, kind);
    if (kind === "read") read.add(path);
  }
  const paths = [...first.keys()].sort();
  return {
    read: paths.filter((path) => read.has(path) && first.get(path) !== "written"),
    looked: paths.filter((path) => first.get(path) === "looked"),
  };
}
