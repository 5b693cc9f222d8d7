import type { Table } from "apache-arrow";
import { fromRows, type Row } from "../core/table.ts";
import type { Guest } from "./guest.ts";

/** Keeps a virtual machine's course, a row each time it is asked. */
export class Timeline {
  readonly #rows: Row[] = [];
  readonly #guest: Guest;
  readonly #startNs: number;
  #count = 0;
  #sumNs = 0;
  #baseCount = 0;
  #baseNs = 0;
  #delays = 0;

  constructor(guest: Guest, startNs: number) {
    this.#guest = guest;
    this.#startNs = startNs;
  }

  add(nowNs: number): void {
    const { phase, meter, dirtyBlocks, sentBytes } = this.#guest;
    const { latency, baseline, delays } = meter;
    const mean = (sumNs: number, count: number): number | null => (count === 0 ? null : sumNs / count / 1e6);
    this.#rows.push({
      timeS: (nowNs - this.#startNs) / 1e9,
      phase,
      sentBytes,
      dirtyBlocks,
      latencyMeanMs: mean(latency.sumNs - this.#sumNs, latency.count - this.#count),
      baselineMeanMs: mean(baseline.sumNs - this.#baseNs, baseline.count - this.#baseCount),
      delayedRequests: delays.count - this.#delays,
    });
    this.#count = latency.count;
    this.#sumNs = latency.sumNs;
    this.#baseCount = baseline.count;
    this.#baseNs = baseline.sumNs;
    this.#delays = delays.count;
  }

  table(): Table {
    return fromRows(this.#rows);
  }
}
