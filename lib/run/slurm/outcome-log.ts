import { createHash } from "node:crypto";
import { constants, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * A log that one process appends to and others read meanwhile, also over a network's file system: each line carries the
 * start of its text's SHA-256, so that one that is not wholly there is never taken for a record.
 */
export interface LogWriter {
  /** Appends a record, which must hold no line break; done when it is on the disk. Records that come meanwhile go together. */
  append(record: string): Promise<void>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/** Creates a log of this process's own: it must not exist yet. */
export async function createLog(path: string): Promise<LogWriter> {
  const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants;
  const handle = await open(path, O_APPEND | O_CREAT | O_EXCL | O_WRONLY);
  let waiting = "";
  let writing: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    while (waiting !== "") {
      const lines = waiting;
      waiting = "";
      await handle.appendFile(lines);
      await handle.datasync();
    }
    writing = undefined;
  };
  return {
    append(record) {
      waiting += `${checksum(record)} ${record}\n`;
      return (writing ??= write());
    },
    async close() {
      await writing;
      await handle.close();
    },
  };
}

/** A record and the name of its log, without the extension. */
export interface LogRecord {
  readonly log: string;
  readonly record: string;
}

/** Reads every `*.log` of a folder: each call gives the records that have come since the last one. */
export function readLogs(folder: string): () => Promise<LogRecord[]> {
  const read = new Map<string, number>();
  return async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".log")).sort();
    const records: LogRecord[] = [];
    for (const name of names) {
      const from = read.get(name) ?? 0;
      const { bytes, lines } = await linesFrom(join(folder, name), from);
      read.set(name, from + bytes);
      for (const line of lines) {
        const record = line.slice(CHECKSUM + 1);
        if (line.slice(0, CHECKSUM) === checksum(record)) records.push({ log: name.slice(0, -".log".length), record });
      }
    }
    return records;
  };
}

/** The whole lines of a file from a byte on. */
async function linesFrom(path: string, from: number): Promise<{ bytes: number; lines: string[] }> {
  if ((await stat(path)).size <= from) return { bytes: 0, lines: [] };
  // Opened anew each time: only then does NFS show what another machine has written.
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    const bytes = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
    return { bytes, lines: buffer.toString("utf8", 0, bytes).split("\n").slice(0, -1) };
  } finally {
    await handle.close();
  }
}

const CHECKSUM = 16;
const checksum = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, CHECKSUM);
