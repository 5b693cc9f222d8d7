import { createHash, type Hash } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { isJsonObject, type Json, type JsonObject } from "../../protocol/json.ts";
import { packageRoot } from "../../package-root.ts";
import type { Notebook } from "../notebook.ts";
import { readNotebook } from "../read-notebook.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";

/** A run to the end, for an earlier report. */
export interface KeptRun {
  readonly notebook: Notebook;
  readonly failure: undefined;
  readonly seconds: number;
}

/** The results of notebooks that a report keeps for the next one. */
export interface KeptRuns {
  /** The results of a notebook whose inputs are the same as then; nothing where they are not, or it did not run to its end. */
  find(file: string): Promise<KeptRun | undefined>;
  /** Notes that the results of a notebook are in the report. */
  add(file: string, seconds: number): Promise<void>;
  /** Writes what was noted into the report's folder. */
  write(report: string): Promise<void>;
}

const listName = "runs.json";

/**
 * Opens the results that the last report in `out` has. A notebook's inputs are its file, the other files of its folder, veelab's code and data,
 * the versions of what they depend on, and Node: linear in their bytes. What else a notebook reads is not looked at.
 *
 * @param folder - of the notebooks
 * @param fresh - where the new report is being made
 */
export async function openKeptRuns(folder: string, out: string, fresh: string): Promise<KeptRuns> {
  const root = packageRoot();
  const shared = createHash("sha256").update(`${process.version} ${process.platform} ${process.arch}\n`);
  for (const name of ["package.json", "package-lock.json"]) await hashFile(shared, join(root, name));
  for (const part of ["kernel/session", "kernel/run", "lib", "datasets"])
    await hashFolder(shared, join(root, "dist", part), (name) => /\.(?:js|wasm)$/.test(name));
  await hashFolder(shared, join(root, "datasets"), (name) => !/\.(?:ts|c|h)$/.test(name));
  await hashFolder(shared, folder, (name) => !name.endsWith(".ipynb"));
  const base = shared.digest("hex");
  const inputsOf = async (file: string): Promise<string> => {
    const hash = createHash("sha256").update(base);
    await hashFile(hash, file);
    return hash.digest("hex");
  };
  const resultIn = async (report: string, file: string): Promise<string> => {
    const hash = createHash("sha256");
    await hashFile(hash, join(report, basename(file)));
    return hash.digest("hex");
  };
  const last = await readList(out);
  const noted: Record<string, JsonObject> = {};
  return {
    async find(file) {
      const run = last[basename(file)];
      if (!isJsonObject(run) || run["inputs"] !== (await inputsOf(file))) return undefined;
      const { result, seconds } = run;
      if (typeof seconds !== "number" || result !== (await resultIn(out, file))) return undefined;
      return { notebook: await readNotebook(join(out, basename(file))), failure: undefined, seconds };
    },
    async add(file, seconds) {
      noted[basename(file)] = { inputs: await inputsOf(file), result: await resultIn(fresh, file), seconds };
    },
    write: (report) => writeFileAtomic(join(report, listName), `${JSON.stringify(noted, undefined, 2)}\n`),
  };
}

async function readList(report: string): Promise<JsonObject> {
  try {
    const list = JSON.parse(await readFile(join(report, listName), "utf8")) as Json;
    return isJsonObject(list) ? list : {};
  } catch {
    return {}; // There is no last report, or an older one: all notebooks are run.
  }
}

async function hashFolder(hash: Hash, folder: string, counts: (name: string) => boolean): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !["bench", "test", "node_modules"].includes(entry.name) && !entry.name.startsWith("."))
      await hashFolder(hash, path, counts);
    else if (entry.isFile() && counts(entry.name)) await hashFile(hash, path);
  }
}

async function hashFile(hash: Hash, path: string): Promise<void> {
  const bytes = await readFile(path).catch(() => undefined);
  hash.update(`${basename(path)} ${bytes?.length ?? "none"}\n`);
  if (bytes !== undefined) hash.update(bytes);
}
