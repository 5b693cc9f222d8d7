import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";

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
  /** What a notebook's results come from as it is now, as a hash: to be asked before it is run. */
  inputs(file: string): Promise<string>;
  /** The results of a notebook with these inputs; nothing where it had others, or did not run to its end. */
  find(file: string, inputs: string): Promise<KeptRun | undefined>;
  /** Notes that the results of a notebook are in the new report. */
  add(file: string, inputs: string, seconds: number): Promise<void>;
  /** Writes what was noted into the new report. */
  write(): Promise<void>;
}

const listName = "runs.json";

/**
 * Opens the results that the last report in `out` has. A notebook's inputs are its file, the other files of its folder but for the report, veelab's code and
 * data, the versions of what they depend on, and Node: linear in their bytes. What else a notebook reads is not looked at.
 *
 * @param folder - of the notebooks
 * @param fresh - where the new report is being made
 */
export async function openKeptRuns(folder: string, out: string, fresh: string): Promise<KeptRuns> {
  const root = packageRoot();
  const shared = createHash("sha256").update(`${process.version} ${process.platform} ${process.arch}\n`);
  for (const name of ["package.json", "package-lock.json"]) await hashFile(shared, root, join(root, name));
  const isOwn = (path: string): boolean => !["bench", "test"].includes(basename(path));
  for (const part of ["kernel", "lib", "datasets"])
    await hashFolder(shared, join(root, "dist", part), (path) => isOwn(path) && !/\.(?:ts|map)$/.test(path));
  await hashFolder(shared, join(root, "datasets"), (path) => isOwn(path) && !/\.(?:ts|c|h)$/.test(path));
  // The report may lie among the notebooks.
  await hashFolder(shared, folder, (path) => !path.endsWith(".ipynb") && path !== out);
  const base = shared.digest("hex");
  const resultIn = (report: string, file: string): Promise<string> => hashOf("", join(report, basename(file)));
  const last = await readList(out);
  const noted: Record<string, JsonObject> = {};
  return {
    inputs: (file) => hashOf(base, file),
    async find(file, inputs) {
      const run = last[basename(file)];
      if (!isJsonObject(run) || run["inputs"] !== inputs) return undefined;
      const { result, seconds } = run;
      if (typeof seconds !== "number" || result !== (await resultIn(out, file))) return undefined;
      return { notebook: await readNotebook(join(out, basename(file))), failure: undefined, seconds };
    },
    async add(file, inputs, seconds) {
      noted[basename(file)] = { inputs, result: await resultIn(fresh, file), seconds };
    },
    write: () => writeFileAtomic(join(fresh, listName), `${JSON.stringify(noted, undefined, 2)}\n`),
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

async function hashOf(before: string, file: string): Promise<string> {
  const hash = createHash("sha256").update(before);
  await hashFile(hash, file, file);
  return hash.digest("hex");
}

/** Every file below a folder, through links, but for hidden ones, packages, and what does not count. */
async function hashFolder(hash: Hash, folder: string, counts: (path: string) => boolean): Promise<void> {
  const seen = new Set<string>();
  const visit = async (inside: string): Promise<void> => {
    const real = await realpath(inside).catch(absent);
    if (real === undefined || seen.has(real)) return; // a link to a folder around it has no end
    seen.add(real);
    for (const name of (await readdir(inside)).sort()) {
      const path = join(inside, name);
      if (name.startsWith(".") || name === "node_modules" || !counts(path)) continue;
      const kind = await stat(path).catch(absent);
      if (kind?.isDirectory() === true) await visit(path);
      else if (kind?.isFile() === true) await hashFile(hash, folder, path);
    }
  };
  await visit(folder);
}

async function hashFile(hash: Hash, root: string, path: string): Promise<void> {
  const size = (await stat(path).catch(absent))?.size;
  hash.update(`${relative(root, path)} ${size ?? "none"}\n`);
  if (size !== undefined) for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
}

/** What is not there is no fault; what cannot be read is. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
