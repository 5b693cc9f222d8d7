import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { OptionError } from "../errors.ts";

/** What a pipe holds by default; one read takes all of it. A writer may have made it larger. */
const pipeBytes = 64 * 1024;

/** Makes a named pipe. */
export function makeFifo(path: string): void {
  const { status, error } = spawnSync("mkfifo", [path]);
  if (error !== undefined || status !== 0)
    throw new OptionError(
      "mkfifo",
      "to make a named pipe (a POSIX system)",
      error?.message ?? `status ${String(status)}`,
    );
}

/**
 * Reads a named pipe until its writer has ended. Valgrind writes each line with a system call of its own; a reader
 * that is woken for each one costs more than the whole reduction. This one looks about once a millisecond and finds
 * the pipe well filled, which also spares the writer the wake-ups. A chunk is the reader's until it asks for the next
 * one.
 */
export async function* readFifo(
  path: string,
  writerEnded: () => boolean,
  chunkBytes: number = pipeBytes,
): AsyncGenerator<Uint8Array, void> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const bytes = new Uint8Array(chunkBytes);
  try {
    for (;;) {
      // Asked before the read: what was written before the end is then in the pipe.
      const ended = writerEnded();
      const length = readAvailable(fd, bytes);
      if (length > 0) yield bytes.subarray(0, length);
      else if (ended) return;
      if (length < chunkBytes / 2) await sleep(1);
    }
  } finally {
    closeSync(fd);
  }
}

function readAvailable(fd: number, into: Uint8Array): number {
  try {
    return readSync(fd, into);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw error;
  }
}
