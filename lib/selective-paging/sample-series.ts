import { Table, Utf8, vectorFromArray } from "apache-arrow";
import type { Mode } from "./mode.ts";
import type { Sample } from "./policy.ts";

/** Collects the samples of a run as the columns of an Arrow table: amortised constant time a sample. */
export function sampleRecorder(): { add(endS: number, sample: Sample, next: Mode): void; table(): Table } {
  const endS: number[] = [];
  const fpf: number[] = [];
  const ftlb: number[] = [];
  const mode: Mode[] = [];
  const next: Mode[] = [];
  return {
    add(at, sample, decision) {
      endS.push(at);
      mode.push(sample.mode);
      fpf.push((sample.pageFaults / sample.instructions) * 1000);
      ftlb.push((sample.tlbMisses / sample.instructions) * 1000);
      next.push(decision);
    },
    table: () =>
      new Table({
        endS: vectorFromArray(Float64Array.from(endS)),
        mode: vectorFromArray(mode, new Utf8()),
        fpf: vectorFromArray(Float64Array.from(fpf)),
        ftlb: vectorFromArray(Float64Array.from(ftlb)),
        next: vectorFromArray(next, new Utf8()),
      }),
  };
}
