import type { RecordBatch, Table } from "apache-arrow";
import { OptionError, SimulationError } from "../core/errors.ts";
import { batchOf, checkLengths, type PagingMode, type ReferenceBatch } from "../hardware/index.ts";
import type { Settings } from "./structural-options.ts";

/**
 * A memory trace: an Arrow table, or a stream (or list) of record batches, with the columns `page`, `count` and `kind`
 * that `ReferenceBatch` of `veelab/hardware` describes; its plain typed arrays do as well. A stream is read once, batch
 * by batch, so a trace may be larger than memory.
 *
 * @example
 * ```ts
 * import { tableFromArrays } from "apache-arrow";
 * import type { MemoryTrace } from "veelab/selective-paging";
 *
 * const trace: MemoryTrace = tableFromArrays({
 *   page: Uint32Array.of(1, 2),
 *   count: Uint32Array.of(3, 1),
 *   kind: Uint8Array.of(0, 2),
 * });
 * console.log(trace);
 * ```
 */
export type MemoryTrace = Table | Iterable<RecordBatch | ReferenceBatch> | AsyncIterable<RecordBatch | ReferenceBatch>;

/** The batches of a trace as typed arrays, one at a time. */
export async function* batchesOf(trace: MemoryTrace): AsyncGenerator<ReferenceBatch, void, undefined> {
  if (typeof trace !== "object" || !("batches" in trace || Symbol.iterator in trace || Symbol.asyncIterator in trace))
    throw new OptionError(
      "trace",
      "an Arrow table or record batches, as open and stream of veelab/datasets give",
      trace,
    );
  // A table iterates over rows: its batches are asked for by name. Not instanceof: there may be two copies of Arrow.
  const batches = "batches" in trace ? trace.batches : trace;
  for await (const batch of batches) yield "schema" in batch ? batchOf(batch) : batch;
}

/** Who does the references that a {@link Feed} divides into intervals. */
export interface Receiver {
  /** Does rows `from` to `to` of a batch; a row may be done in several parts, one after the other. */
  run(batch: ReferenceBatch, from: number, to: number): void;
  /** An interval ended: all of its instructions and references are done. */
  closeInterval(instructions: number, references: number): void;
  /** The guest loads a page table's root. */
  loadRoot(): void;
}

/**
 * Divides a trace into intervals of equally many instructions, wherever its batches and runs happen to end: a run of
 * fetches across a border is split. An instruction's data references belong to the interval of its fetch.
 */
export class Feed {
  instructions = 0;
  references = 0;
  readonly #interval: number;
  readonly #rootLoad: number;
  readonly #everyReference: boolean;
  readonly #guest: PagingMode;
  readonly #space: number;
  #sinceRootLoad = 0;

  constructor({ intervalInstructions, rootLoadInstructions, instructionsFrom, guest }: Settings) {
    this.#interval = intervalInstructions;
    this.#rootLoad = rootLoadInstructions;
    this.#everyReference = instructionsFrom === "references";
    this.#guest = guest;
    this.#space = guest.bits.reduce((sum, bits) => sum + bits, 0);
  }

  push(batch: ReferenceBatch, receiver: Receiver): void {
    checkLengths(batch);
    const { count, kind } = batch;
    const rows = batch.page.length;
    this.#checkPages(batch);
    const everyReference = this.#everyReference ? -1 : 0;
    let row = 0;
    let done = 0; // references of this row that are done already
    while (row < rows) {
      const room = Math.min(this.#interval - this.instructions, this.#rootLoad - this.#sinceRootLoad);
      let left = room;
      let references = 0;
      let skip = done;
      let to = row;
      for (; to < rows; to++) {
        const length = count[to]! - skip;
        // All of the length, or none, without a branch: kinds alternate unpredictably.
        const counted = (length & (everyReference | ((kind[to]! - 1) >> 31))) >>> 0;
        if (counted > left) break;
        left -= counted;
        references += length;
        skip = 0;
      }
      const atBorder = to < rows;
      const part = atBorder ? left : 0; // of the row across the border, this much is before it
      receiver.run(batch, row, part > 0 ? to + 1 : to);
      const instructions = atBorder ? room : room - left;
      this.instructions += instructions;
      this.#sinceRootLoad += instructions;
      this.references += references + part;
      done = atBorder ? (to === row ? done : 0) + part : 0;
      row = to;
      if (!atBorder) return;
      if (this.instructions === this.#interval) this.#close(receiver);
      if (this.#sinceRootLoad === this.#rootLoad) {
        this.#sinceRootLoad = 0;
        receiver.loadRoot();
      }
    }
  }

  /** The trace has ended: closes the interval under way, if anything was done in it. */
  end(receiver: Receiver): void {
    if (this.references > 0) this.#close(receiver);
  }

  #close(receiver: Receiver): void {
    receiver.closeInterval(this.instructions, this.references);
    this.instructions = 0;
    this.references = 0;
  }

  /** A page beyond a narrow address space would be looked up as another one. */
  #checkPages({ page }: ReferenceBatch): void {
    if (this.#space >= 32) return;
    let pages = 0;
    for (const number of page) pages |= number;
    if (pages >>> this.#space !== 0)
      throw new SimulationError(
        "selective-paging",
        `the trace has pages beyond the 2^${this.#space} of ${this.#guest.label}`,
      );
  }
}
