import type { Table } from "apache-arrow";
import { fromRows } from "../core/table.ts";
import type { Counter } from "./counters.ts";
import type { Place } from "./places.ts";

/** Samples in the order in which they were taken. */
export class SampleLog {
  readonly #time: number[] = [];
  readonly #counter: number[] = [];
  readonly #place: number[] = [];
  readonly #pc: number[] = [];

  add(cycles: number, counter: number, place: number, pc: number): void {
    this.#time.push(cycles);
    this.#counter.push(counter);
    this.#place.push(place);
    this.#pc.push(pc);
  }

  /** The samples with the columns of a profile, and `pc`. */
  table(counters: readonly Counter[], places: readonly Place[], clockHz: number): Table {
    return fromRows(
      this.#time.map((cycles, row) => {
        const { stack } = places[this.#place[row]!]!;
        const { event, period } = counters[this.#counter[row]!]!;
        return {
          timeNs: (cycles / clockHz) * 1e9,
          process: stack.split(";", 1)[0]!,
          event,
          weight: period!,
          stack,
          pc: this.#pc[row]!,
        };
      }),
    );
  }
}
