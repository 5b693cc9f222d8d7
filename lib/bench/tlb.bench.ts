// How fast the TLB and the structural model run on the shipped traces, in the same run beside the same algorithm in C (where gcc is
// there) and a TLB of the same shape with time stamps, in C and in plain TypeScript. All must have the same misses. Rates are millions of references a
// second of processor time, medians; a reference is one instruction fetch, read or write of the traced program.
// "as runs": the trace as shipped, where a row stands for several references, all of which are counted.
// "written out": the same references in the same order with one row each, so that each passes the simulator by itself.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processorSeconds, timed } from "../../datasets/bench/processor-seconds.ts";
import { stream } from "../../datasets/index.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { batchOf, nehalem, type ReferenceBatch, tlb } from "../hardware/index.ts";
import { page, type Translation } from "../selective-paging/index.ts";
import { inTurns } from "./in-turns.ts";
import { compiler, inC, type Peer } from "./reference/peer.ts";
import { StampTlb } from "./reference/stamp-tlb.ts";

const BATCH = 65_536;

interface Trace {
  readonly references: number;
  readonly batches: readonly ReferenceBatch[];
}

async function load(name: string): Promise<Trace> {
  const batches: ReferenceBatch[] = [];
  let references = 0;
  for await (const batch of stream(name)) {
    const rows = batchOf(batch, name);
    for (const count of rows.count) references += count;
    batches.push(rows);
  }
  return { references, batches };
}

/** One row a reference, of the first so many references. */
function writtenOut({ batches }: Trace, most: number): Trace {
  const out: ReferenceBatch[] = [];
  let references = 0;
  let at = BATCH;
  const ones = new Uint32Array(BATCH).fill(1);
  for (const { page: pages, count, kind } of batches)
    for (let row = 0; row < pages.length && references < most; row++)
      for (let left = count[row]!; left > 0 && references < most; left--) {
        if (at === BATCH) {
          out.push({ page: new Uint32Array(BATCH), count: ones, kind: new Uint8Array(BATCH) });
          at = 0;
        }
        const last = out.at(-1)!;
        last.page[at] = pages[row]!;
        last.kind[at++] = kind[row]!;
        references++;
      }
  const last = out.pop()!;
  out.push({ page: last.page.subarray(0, at), count: ones.subarray(0, at), kind: last.kind.subarray(0, at) });
  return { references, batches: out };
}

/** The trace as the programs in C read it. */
function writeTrace({ batches }: Trace, file: string): void {
  const bytes = (array: Uint32Array | Uint8Array): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const rows = batches.reduce((sum, batch) => sum + batch.page.length, 0);
  writeFileSync(
    file,
    Buffer.concat([
      bytes(Uint32Array.of(rows)),
      ...batches.map((batch) => bytes(batch.page)),
      ...batches.map((batch) => bytes(batch.count)),
      ...batches.map((batch) => bytes(batch.kind)),
    ]),
  );
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const folder = mkdtempSync(join(tmpdir(), "veelab-bench-"));
try {
  const [ordered, stamps] = ["tlb", "tlb-stamps"].map((name) => inC(name, folder));
  const file = join(folder, "trace");
  for (const name of ["memory/gcc-cc1", "memory/sqlite-join"]) {
    const runs = await load(name);
    for (const [form, trace] of [
      ["as runs", runs],
      ["written out", writtenOut(runs, 60_000_000)],
    ] as const) {
      writeTrace(trace, file);
      const misses = new Set<string>();
      const amount = [trace.references / 1e6, "M refs/s"] as const;
      const outside = (run: Peer) => (): number => {
        const [, seconds, end] = /^([\d.]+)\nmisses (\d+ \d+)/.exec(run(file, 1))!;
        misses.add(end!);
        return Number(seconds);
      };
      const inTypeScript = (make: () => { access(batch: ReferenceBatch): void; misses: readonly unknown[] }) => () =>
        timed(() => {
          const buffer = make();
          for (const batch of trace.batches) buffer.access(batch);
          misses.add(
            buffer.misses.map((level) => (typeof level === "number" ? level : sum(level as number[]))).join(" "),
          );
        });
      await inTurns(
        `TLB, ${name} ${form}`,
        amount,
        inTypeScript(() => tlb({ levels: nehalem.tlb })),
        {
          [compiler]: ordered && outside(ordered),
          [`time stamps in ${compiler}`]: stamps && outside(stamps),
          "time stamps in TypeScript": inTypeScript(() => new StampTlb()),
        },
      );
      if (misses.size !== 1) throw new Error(`misses differ: ${[...misses].join("; ")}`);
      for (const paging of ["native", "HAP", "SP"] satisfies Translation[]) {
        const seconds = await processorSeconds(() => page(trace.batches, { paging }));
        figure(`structural model, ${paging}, ${name} ${form}`, amount[0] / seconds, amount[1]);
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
