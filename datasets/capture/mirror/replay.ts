import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { OptionError } from "../../errors.ts";

/** A write to a disk. */
export interface DiskWrite {
  readonly timeNs: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** A write that was replayed: its time is that at which it really happened. */
export interface ReplayedWrite extends DiskWrite {
  readonly durationNs: number;
}

/** Does writes through `qemu-io`, each when the trace says and not before the one before it is done. */
export class Replay {
  readonly #writer: ChildProcess;
  readonly #startMs: number;
  #stopped = false;
  readonly done: ReplayedWrite[] = [];
  /** How much later than the trace says the latest write began, ns. */
  latestNs = 0;

  /** @param startMs what `timeNs` counts from, by `performance.now` */
  constructor(writer: ChildProcess, startMs: number) {
    this.#writer = writer;
    this.#startMs = startMs;
    writer.stdin!.on("error", () => undefined); // its end shows in its output
  }

  /** Time since the start, ns. */
  get nowNs(): number {
    return Math.round((performance.now() - this.#startMs) * 1e6);
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(writes: readonly DiskWrite[]): Promise<void> {
    // One line at a time: qemu-io leaves lines that came together unread until the next one comes.
    const lines = createInterface({ input: this.#writer.stdout! })[Symbol.asyncIterator]();
    for (const { timeNs, offsetBytes, sizeBytes } of writes) {
      for (let leftNs = timeNs - this.nowNs; leftNs > 0 && !this.#stopped; leftNs = timeNs - this.nowNs)
        await sleep(Math.min(leftNs / 1e6, 50));
      if (this.#stopped) return;
      const beganNs = this.nowNs;
      this.#writer.stdin!.write(`write -P ${(this.done.length % 255) + 1} ${offsetBytes} ${sizeBytes}\n`);
      await answer(lines);
      this.latestNs = Math.max(this.latestNs, beganNs - timeNs);
      this.done.push({ timeNs: beganNs, offsetBytes, sizeBytes, durationNs: this.nowNs - beganNs });
    }
  }
}

/** Reads up to the second and last line of a write's answer. */
async function answer(lines: AsyncIterator<string>): Promise<void> {
  for (;;) {
    const line = await lines.next();
    if (line.done === true) throw new OptionError("qemu-io", "the write to be done", "its end");
    if (line.value.includes("failed")) throw new OptionError("qemu-io", "the write to be done", line.value);
    if (line.value.includes(" ops; ")) return;
  }
}
