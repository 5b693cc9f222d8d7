import { OptionError } from "../core/errors.ts";
import { integer, onlyOptions } from "../core/options.ts";
import { PageIndex } from "./page-index.ts";
import { batchesOf, invalidate, type SwapBatch, type SwapTrace } from "./trace.ts";

/**
 * Traces of several processes as one of a processor that they share: each runs for a quantum of references, then the guest loads the
 * next one's CR3, and goes on without a load where no other is left. Pages get new numbers, apart by process. A run may be split; a process that
 * has ended is left out. One batch of each trace is held at a time.
 *
 * @throws OptionError for no trace or a quantum out of range; what the traces throw
 *
 * @example
 * ```ts
 * import { singly } from "veelab/hardware";
 * import { interleave } from "veelab/symbiotic-swap";
 * const both = interleave([[singly([7, 7, 7])], [singly([7])]], { quantumReferences: 2 });
 * for await (const { page, rootLoad } of both) console.log(page.join(), rootLoad); // two of the first, one of the second, the last
 * ```
 */
export async function* interleave(
  traces: readonly SwapTrace[],
  options: {
    /** References until the next process runs. */
    readonly quantumReferences: number;
  },
): AsyncGenerator<SwapBatch, void, undefined> {
  onlyOptions(options, ["quantumReferences"]);
  const quantum = integer("quantumReferences", options.quantumReferences, { min: 1 });
  if (traces.length === 0) throw new OptionError("traces", "at least one", traces);
  let processes = traces.map((trace) => new Process(trace));
  const numbers = { given: 0 };
  let last: Process | undefined;
  while (processes.length > 0) {
    const left: Process[] = [];
    for (const process of processes) {
      let references = quantum;
      while (references > 0) {
        const batch = await process.take(references, numbers);
        if (batch === undefined) break;
        references -= batch.references;
        const rootLoad = last !== undefined && last !== process;
        last = process;
        yield { page: batch.page, count: batch.count, kind: batch.kind, rootLoad };
      }
      if (references === 0) left.push(process);
    }
    processes = left;
  }
}

class Process {
  readonly #batches: AsyncIterator<SwapBatch>;
  readonly #index = new PageIndex();
  /** By number in this process's index: the page of the shared numbering, plus 1. */
  #shared = new Uint32Array(0);
  #batch: SwapBatch | undefined;
  #row = 0;
  #done = 0; // references of the row that are done

  constructor(trace: SwapTrace) {
    this.#batches = batchesOf(trace);
  }

  /** The next rows of at most so many references, all of one batch; none at the end. */
  async take(
    most: number,
    numbers: { given: number },
  ): Promise<(SwapBatch & { readonly references: number }) | undefined> {
    while (this.#batch === undefined || this.#row === this.#batch.page.length) {
      const next = await this.#batches.next();
      if (next.done === true) return undefined;
      this.#batch = next.value;
      this.#row = 0;
      this.#done = 0;
    }
    const { page, count, kind } = this.#batch;
    const from = this.#row;
    const skipped = this.#done;
    let references = 0;
    let to = from;
    for (; to < page.length && references < most; to++)
      references += kind[to] === invalidate ? 0 : count[to]! - this.#skip(to);
    const over = Math.max(0, references - most);
    const taken = {
      page: Uint32Array.from(page.subarray(from, to), (number) => this.#share(number, numbers)),
      count: count.slice(from, to),
      kind: kind.slice(from, to),
      references: references - over,
    };
    if (skipped > 0) taken.count[0]! -= skipped;
    if (over > 0) taken.count[to - from - 1]! -= over;
    this.#row = over > 0 ? to - 1 : to;
    this.#done = over > 0 ? count[to - 1]! - over : 0;
    return taken;
  }

  #skip(row: number): number {
    return row === this.#row ? this.#done : 0;
  }

  #share(page: number, numbers: { given: number }): number {
    let id = this.#index.of(page);
    if (id < 0) {
      id = this.#index.add(page);
      if (this.#index.size > this.#shared.length) {
        const longer = new Uint32Array(Math.max(this.#index.size, 2 * this.#shared.length));
        longer.set(this.#shared);
        this.#shared = longer;
      }
    }
    if (this.#shared[id] === 0) this.#shared[id] = ++numbers.given;
    return this.#shared[id]! - 1;
  }
}
