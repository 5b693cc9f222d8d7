import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { commandOf, UsageError } from "../../datasets/commands/arguments.ts";
import { textTable } from "../../datasets/commands/text-table.ts";
import { fromRows } from "../core/table.ts";
import { codeVersion } from "./code-version.ts";
import { POINT_SUFFIX, RUN_FILE, type StoredRun } from "./store.ts";
import { storeFolder } from "./store-folder.ts";

/** `veelab cache` */
export const cache: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab cache",
  help: `Usage: veelab cache ls [--folder DIR]
       veelab cache prune [--older AGE | --all] [--folder DIR]

Lists or removes the finished points that sweeps keep (sweep(…, { workers, store: true })), so that a sweep that is run again
computes only what is not there. They can be removed at any time.

  ls                 each run function with its points, their size, and the days since one was used; "current" are those that this
                     version of veelab can use
  prune              removes the points that this version of veelab cannot use
  --older AGE        removes instead what was not used for so long: 30d, 12h
  --all              removes everything
  --folder DIR       the folder of sweep(…, { store: DIR }) in the place of VEELAB_STORE or the user's cache

Exit status: 0 done, 1 the folder cannot be read or written, 2 cannot be used.
`,
  options: { folder: { type: "string" }, older: { type: "string" }, all: { type: "boolean" } },
  run({ values: { folder = storeFolder(), older, all = false }, positionals: [verb, ...more] }) {
    const isPrune = verb === "prune";
    if (more.length > 0 || (verb !== "ls" && !isPrune) || (!isPrune && (all || older !== undefined)))
      throw new UsageError("expected ls or prune [--older AGE | --all] (see veelab cache --help)");
    if (all && older !== undefined) throw new UsageError("expected --older or --all, got both");
    process.stdout.write(isPrune ? prune(folder, older, all) : list(folder));
    return Promise.resolve(0);
  },
});

/** A file of the store. */
interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** A run's folder. */
interface Stored {
  readonly hash: string;
  readonly path: string;
  readonly run: StoredRun;
  /** The points, and what a process that was killed has left. */
  readonly files: readonly StoredFile[];
}

const DAY_MS = 86_400_000;

function list(folder: string): string {
  const now = Date.now();
  const current = codeVersion();
  const rows = stored(folder).map(({ hash, run, files }) => ({
    run: hash.slice(0, 12),
    points: files.filter(({ path }) => path.endsWith(POINT_SUFFIX)).length,
    bytes: sum(files),
    daysUnused: Math.floor((now - Math.max(...files.map(({ usedMs }) => usedMs))) / DAY_MS),
    veelab: run.version === current ? "current" : run.version,
    sweep: run.title,
  }));
  return rows.length === 0 ? `nothing is kept in ${folder}\n` : textTable(fromRows(rows));
}

function prune(folder: string, older: string | undefined, all: boolean): string {
  const before = older === undefined ? Infinity : Date.now() - ageMs(older);
  const current = all || older !== undefined ? undefined : codeVersion();
  let [points, bytes] = [0, 0];
  for (const { path, run, files } of stored(folder)) {
    const removed = run.version === current ? [] : files.filter(({ usedMs }) => usedMs < before);
    for (const file of removed) rmSync(file.path, { force: true });
    if (removed.length === files.length) rmSync(path, { recursive: true, force: true });
    points += removed.filter((file) => file.path.endsWith(POINT_SUFFIX)).length;
    bytes += sum(removed);
  }
  return `removed ${points.toLocaleString("en")} points, ${bytes.toLocaleString("en")} bytes\n`;
}

/** What is kept, the largest first. Other files and folders are none of the store's. */
function stored(folder: string): Stored[] {
  const found = readdir(folder).flatMap((hash): Stored[] => {
    const path = join(folder, hash);
    const run = /^[0-9a-f]{64}$/.test(hash) ? runOf(path) : undefined;
    if (run === undefined) return [];
    const names = readdir(path).filter((name) => name.endsWith(POINT_SUFFIX) || name.endsWith(".tmp"));
    const files = names.flatMap((name): StoredFile[] => {
      const status = statSync(join(path, name), { throwIfNoEntry: false });
      return status === undefined ? [] : [{ path: join(path, name), bytes: status.size, usedMs: status.mtimeMs }];
    });
    return [{ hash, path, run, files }];
  });
  return found.sort((a, b) => sum(b.files) - sum(a.files));
}

function readdir(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function runOf(path: string): StoredRun | undefined {
  try {
    return JSON.parse(readFileSync(join(path, RUN_FILE), "utf8")) as StoredRun;
  } catch {
    return undefined;
  }
}

const sum = (files: readonly StoredFile[]): number => files.reduce((total, { bytes }) => total + bytes, 0);

function ageMs(text: string): number {
  const [, count, unit] = /^(\d{1,6})([dh])$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError(`--older: expected an age as 30d or 12h, got ${JSON.stringify(text)}`);
  return Number(count) * (unit === "d" ? DAY_MS : DAY_MS / 24);
}
