import { closeSync, openSync, readSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OptionError } from "../../errors.ts";
import { stream } from "../../open.ts";
import { writeArrow } from "../../write/arrow.ts";
import { compileC } from "../compile.ts";
import { makeFifo, readFifo } from "../fifo.ts";
import { AccessRecords } from "./access-records.ts";
import type { Machine } from "./machine.ts";
import type * as arrow from "apache-arrow";

/** How much of a recording is kept. */
export interface AccessLimits {
  /** Records: accesses, and blocks of instructions. */
  readonly records: number;
  /** Records that are kept as they are. */
  readonly raw: number;
}

/**
 * Records the guest's accesses to memory by the plugin. {@link AccessRecorder.arguments} is asked before QEMU starts,
 * and from then on the pipe is read; {@link AccessRecorder.start} begins; the runs of references lie in a file until
 * the totals are known.
 */
export class AccessRecorder {
  readonly records: AccessRecords;
  readonly #limits: AccessLimits;
  readonly #plugin: string;
  #control = "";
  #runs = "";
  #ended = false;
  #reading: Promise<void> | undefined;

  private constructor(limits: AccessLimits, plugin: string) {
    this.#limits = limits;
    this.#plugin = plugin;
    this.records = new AccessRecords(limits.raw);
  }

  /** Compiles the plugin into a folder. */
  static async make(limits: AccessLimits, folder: string): Promise<AccessRecorder> {
    const plugin = join(folder, "accesses.so");
    await compileC("plugin/accesses.c", plugin, ["-fPIC", "-shared", "-fvisibility=hidden"]);
    return new AccessRecorder(limits, plugin);
  }

  /** What QEMU is started with, and the beginning of the reading. */
  arguments(folder: string): readonly string[] {
    const pipe = join(folder, "accesses");
    this.#control = join(folder, "accesses-control");
    this.#runs = join(folder, "runs.arrow");
    makeFifo(pipe);
    writeFileSync(this.#control, "");
    truncateSync(this.#control, 4096);
    this.#reading = writeArrow(this.#runs, this.#batches(pipe));
    // It is awaited at the end; until then its failure must not be taken for one that nobody handles.
    this.#reading.catch(() => undefined);
    const settings = `file=${this.#plugin},pipe=${pipe},control=${this.#control},limit=${this.#limits.records}`;
    return ["-plugin", settings];
  }

  async *#batches(pipe: string): AsyncGenerator<arrow.RecordBatch, void> {
    for await (const bytes of readFifo(pipe, () => this.#ended, 1 << 20)) yield* this.records.add(bytes);
    const last = this.records.end();
    if (last !== undefined) yield last;
  }

  /** Begins the recording; an idle guest is needed for it. */
  async start(machine: Machine): Promise<void> {
    this.#write(0, 1);
    // A command wakes the guest, which then is idle again: that is when the plugin looks.
    for (let attempt = 0; attempt < 50 && this.#read(1) === 0; attempt += 1) {
      await machine.sync();
      await sleep(20);
    }
    if (this.#read(1) === 0) throw new OptionError("plugin", "QEMU's plugin to start", "nothing");
  }

  /** Whether there are as many records as asked for. */
  get full(): boolean {
    return this.#read(2) !== 0;
  }

  /** Is called when QEMU has ended; gives the runs. */
  async end(): Promise<() => AsyncGenerator<arrow.RecordBatch, void>> {
    this.#ended = true;
    await this.#reading;
    return () => stream(this.#runs);
  }

  #write(word: number, value: number): void {
    const file = openSync(this.#control, "r+");
    writeSync(file, Uint32Array.of(value), 0, 4, word * 4);
    closeSync(file);
  }

  #read(word: number): number {
    const value = new Uint32Array(1);
    const file = openSync(this.#control, "r");
    readSync(file, value, 0, 4, word * 4);
    closeSync(file);
    return value[0]!;
  }
}
