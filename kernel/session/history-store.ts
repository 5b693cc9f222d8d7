import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, type JsonObject } from "../protocol/json.ts";

/** One cell that was run. */
export interface HistoryLine {
  /** Its execution count. */
  readonly number: number;
  readonly input: string;
  /** The result's text; null where there was none. */
  readonly output: string | null;
}

/** A line of a session's file: an input, or the output of an input before it. */
export type KeptLine =
  { readonly number: number; readonly input: string } | { readonly number: number; readonly output: string };

/** Cells of other sessions, and a place for those of this one. */
export interface HistoryStore {
  /** Keeps a line. Never fails: where it cannot be kept, that is logged, once. */
  keep(line: KeptLine): void;
  /** This session's number: greater than those of all that there were when its first cell was kept. */
  session(): Promise<number>;
  /** The numbers of the sessions before this one and beside it, in ascending order. */
  others(): Promise<number[]>;
  /** What was run in one of them. */
  read(session: number): Promise<readonly HistoryLine[]>;
  /** Resolves when everything is written. */
  flushed(): Promise<void>;
}

/** How much is kept: what was written to least recently goes first. */
export interface HistoryLimits {
  readonly sessions: number;
  readonly bytes: number;
}

const defaultLimits: HistoryLimits = { sessions: 1000, bytes: 16 << 20 };

/** An environment variable: with `off` the history is not kept on disk. */
export const historyVariable = "VEELAB_HISTORY";

/** How long (ms) a cell may wait to be written. */
const apartMs = 100;

const fileName = (session: number): string => `${String(session).padStart(6, "0")}.jsonl`;

/** The numbers of the sessions among a folder's files, in ascending order. */
function numbered(names: readonly string[]): number[] {
  return names.flatMap((name) => /^(\d{6,})\.jsonl$/.exec(name)?.slice(1).map(Number) ?? []).sort((a, b) => a - b);
}

/**
 * The history in a folder: a file a session, of JSON lines that are only ever appended. A file belongs to the one kernel that has created
 * it, so that any number of kernels write side by side; what a crash has cut off is a line that is skipped. Only its owner may read it.
 */
export function openHistoryStore(
  folder: string,
  log: (line: string) => void,
  limits: HistoryLimits = defaultLimits,
): HistoryStore {
  const files = (): Promise<string[]> => readdir(folder).catch(() => []);
  let own: number | undefined;
  let broken = false;
  let written = 0;
  let waiting = "";
  let writing: Promise<void> | undefined;
  /** Has what waits written at once. */
  let hurry = (): void => undefined;

  /** Creates this session's file, under a number that no other kernel has taken. */
  const claim = async (): Promise<number> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const head = `${JSON.stringify({ started: new Date().toISOString(), folder: process.cwd() })}\n`;
    for (let session = (numbered(await files()).at(-1) ?? 0) + 1; ; session += 1)
      try {
        await writeFile(join(folder, fileName(session)), head, { flag: "wx", mode: 0o600 });
        own = session;
        await forget(folder, session, limits);
        return session;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
  };
  const write = async (): Promise<void> => {
    // Cells that follow each other quickly are written together: a write for each would cost a fifth of a small cell's time.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, apartMs);
      hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    try {
      const file = join(folder, fileName(own ?? (await claim())));
      while (waiting !== "") {
        const text = waiting;
        waiting = "";
        written += text.length;
        if (written > limits.bytes) throw new Error(`this session has run more than ${limits.bytes} characters`);
        // By its name: should another kernel have removed it as too old, it is there again.
        await appendFile(file, text, { mode: 0o600 });
      }
    } catch (error) {
      broken = true;
      log(`history: cells are not kept in ${folder} (${(error as Error).message})`);
    }
    writing = undefined;
  };

  return {
    keep(line) {
      if (broken) return;
      waiting += `${JSON.stringify(line)}\n`;
      writing ??= write();
    },
    async session() {
      hurry();
      await writing;
      return own ?? (numbered(await files()).at(-1) ?? 0) + 1;
    },
    async others() {
      return numbered(await files()).filter((session) => session !== own);
    },
    async read(session) {
      return readLines(await readFile(join(folder, fileName(session)), "utf8").catch(() => ""));
    },
    async flushed() {
      hurry();
      await writing;
    },
  };
}

/** The cells in a file's text. Lines that are none are left out. */
function readLines(text: string): HistoryLine[] {
  const lines = new Map<number, HistoryLine>();
  for (const part of text.split("\n")) {
    const { number, input, output } = parsed(part);
    if (typeof number !== "number" || !Number.isSafeInteger(number)) continue;
    const known = lines.get(number);
    if (typeof input === "string") lines.set(number, { number, input, output: null });
    else if (typeof output === "string" && known !== undefined) lines.set(number, { ...known, output });
  }
  return [...lines.values()];
}

function parsed(line: string): JsonObject {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Removes the sessions that were written to least recently, until the others are within the limits. */
async function forget(folder: string, own: number, { sessions, bytes }: HistoryLimits): Promise<void> {
  const found = await Promise.all(
    numbered(await readdir(folder))
      .filter((session) => session !== own)
      .map(async (session) => {
        const file = join(folder, fileName(session));
        const { mtimeMs, size } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0 }));
        return { file, session, mtimeMs, size };
      }),
  );
  found.sort((a, b) => b.mtimeMs - a.mtimeMs || b.session - a.session);
  let kept = 1;
  let total = 0;
  for (const { file, size } of found) {
    kept += 1;
    // One that is too large by itself takes no smaller ones with it.
    if (kept <= sessions && total + size <= bytes) total += size;
    else await rm(file, { force: true });
  }
}
