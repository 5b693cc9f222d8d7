import { SimulationError } from "../core/errors.ts";
import type { SegmentBatch, Segments } from "./code.ts";

/** Where a virtual CPU is: in the guest, or in the three steps of an exit. */
export const GUEST = 0;
export const EXITING = 1;
export const HANDLING = 2;
export const ENTERING = 3;

/** What its code is, for checks and for finding places. */
export interface VcpuParts {
  readonly index: number;
  readonly guest: number;
  /** Where the guest's places begin, and how many it has. */
  readonly base: number;
  readonly codes: number;
  /** Exit reasons. */
  readonly reasons: number;
  /** Cycles that one of the segments' takes. */
  readonly expansion: number;
  /** For errors: `web, vCPU 0`. */
  readonly name: string;
}

/** A virtual CPU and the segments that it executes. */
export class Vcpu {
  readonly index: number;
  readonly guest: number;
  phase: number = GUEST;
  /** The segment: its place, cycles that are left, cycles done, and the exit at its end. */
  place: number;
  left = 0;
  done = 0;
  exit = 0;
  /** Whether the segment has ended and another is due. */
  due = true;
  /** The VMM's work for it: its place and cycles that are left. */
  vmmPlace = 0;
  vmmLeft = 0;
  /** Why it is in the VMM; −1 for the end of its slice. */
  reason = 0;
  /** When it wakes; Infinity unless it waits. */
  wakeAt: number;
  ended = false;
  readonly #parts: VcpuParts;
  readonly #source: Iterator<SegmentBatch, unknown> | AsyncIterator<SegmentBatch, unknown>;
  #batch: SegmentBatch | undefined;
  #row = 0;
  #batches = -1;

  constructor(segments: Segments, parts: VcpuParts) {
    this.index = parts.index;
    this.guest = parts.guest;
    this.#parts = parts;
    this.place = parts.base;
    this.wakeAt = Infinity;
    this.#source = Symbol.asyncIterator in segments ? segments[Symbol.asyncIterator]() : segments[Symbol.iterator]();
  }

  /** Takes the next segment; false when a batch must be loaded first, or all segments have ended. */
  take(): boolean {
    const batch = this.#batch;
    if (batch === undefined || this.#row === batch.code.length) return false;
    const row = this.#row;
    const code = batch.code[row]!;
    const cycles = batch.cycles[row]!;
    const exit = batch.exit[row]!;
    const { base, codes, reasons, expansion } = this.#parts;
    if (!(code < codes && exit <= reasons && cycles >= 0 && Number.isSafeInteger(cycles)))
      this.#refuse(code, cycles, exit);
    this.place = base + code;
    this.left = cycles * expansion;
    this.done = 0;
    this.exit = exit;
    this.due = false;
    this.#row = row + 1;
    return true;
  }

  #refuse(code: number, cycles: number, exit: number): never {
    const { codes, reasons, name } = this.#parts;
    const wrong =
      code >= codes
        ? `code: expected a place below ${codes}, got ${code}`
        : exit > reasons
          ? `exit: expected at most ${reasons}, the number of exits, got ${exit}`
          : `cycles: expected a whole number >= 0, got ${cycles}`;
    throw new SimulationError("vm-profiling", `${name}, batch ${this.#batches}, row ${this.#row}: ${wrong}`);
  }

  /** Loads a batch with rows, or marks the end. */
  async load(): Promise<void> {
    for (;;) {
      const next: IteratorResult<SegmentBatch, unknown> = await this.#source.next();
      if (next.done === true) {
        this.ended = true;
        return;
      }
      const batch = next.value;
      this.#batches += 1;
      if (batch.cycles.length !== batch.code.length || batch.exit.length !== batch.code.length)
        throw new SimulationError(
          "vm-profiling",
          `${this.#parts.name}, batch ${this.#batches}: expected columns of equal length, got ${batch.code.length}, ${batch.cycles.length} and ${batch.exit.length}`,
        );
      this.#batch = batch;
      this.#row = 0;
      if (batch.code.length > 0) return;
    }
  }

  /** Ends the source early. */
  async close(): Promise<void> {
    if (!this.ended) await this.#source.return?.();
  }
}
