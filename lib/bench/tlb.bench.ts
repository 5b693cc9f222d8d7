// How fast the structural model runs on the shipped traces, beside plainer peers in the same run: a TLB of the same shape
// with time stamps in plain JavaScript, and the same algorithm in C where gcc is there. Rates are millions of references
// a second of processor time, medians; a reference is one instruction fetch, read or write of the traced program.
// "as runs": the trace as shipped, where a row stands for several references, all of which are counted.
// "written out": the same references in the same order with one row each, so that each passes the simulator by itself.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stream } from "../../datasets/index.ts";
import { batchOf, nehalem, type ReferenceBatch, tlb } from "../hardware/index.ts";
import { page, type Translation } from "../selective-paging/index.ts";
import { StampTlb } from "./reference/stamp-tlb.ts";
import { median, processorSeconds, rounds } from "../../datasets/bench/processor-seconds.ts";

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

/** The C peer on the same rows; undefined without gcc. */
function inC({ batches }: Trace, folder: string): { seconds: number; misses: string } | undefined {
  const source = new URL("../../../lib/bench/reference/tlb.c", import.meta.url).pathname;
  const binary = join(folder, "tlb");
  if (spawnSync("gcc", ["-O3", "-o", binary, source]).status !== 0) return undefined;
  const rows = batches.reduce((sum, batch) => sum + batch.page.length, 0);
  const file = join(folder, "trace");
  const bytes = (array: Uint32Array | Uint8Array): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const parts = [
    bytes(Uint32Array.of(rows)),
    ...batches.map((batch) => bytes(batch.page)),
    ...batches.map((batch) => bytes(batch.count)),
    ...batches.map((batch) => bytes(batch.kind)),
  ];
  writeFileSync(file, Buffer.concat(parts));
  const { stdout, status } = spawnSync(binary, [file, String(rounds)], { encoding: "utf8" });
  if (status !== 0) return undefined;
  const lines = stdout.trim().split("\n");
  return { seconds: median(lines.slice(0, -1).map(Number)), misses: lines.at(-1)!.split(" ").slice(1, 3).join(" ") };
}

const print = (what: string, references: number, seconds: number, peer?: number): void => {
  const ratio = peer === undefined ? "" : (peer / seconds).toFixed(2).padStart(8);
  console.log(`${what.padEnd(46)}${(references / seconds / 1e6).toFixed(0).padStart(7)} M refs/s${ratio}`);
};

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const folder = mkdtempSync(join(tmpdir(), "veelab-bench-"));
try {
  for (const name of ["memory/gcc-cc1", "memory/sqlite-join"]) {
    const runs = await load(name);
    for (const [form, trace] of [
      ["as runs", runs],
      ["written out", writtenOut(runs, 60_000_000)],
    ] as const) {
      const rows = sum(trace.batches.map((batch) => batch.page.length));
      console.log(`\n${name}, ${form}: ${trace.references} references in ${rows} rows; ratio to time stamps`);
      let misses = "";
      let stampMisses = "";
      const stamped = await processorSeconds(() => {
        const peer = new StampTlb();
        for (const batch of trace.batches) peer.access(batch);
        stampMisses = peer.misses.join(" ");
      });
      const ours = await processorSeconds(() => {
        const buffer = tlb({ levels: nehalem.tlb });
        for (const batch of trace.batches) buffer.access(batch);
        misses = buffer.misses.map(sum).join(" ");
      });
      const c = inC(trace, folder);
      print("TLB, time stamps, plain JavaScript", trace.references, stamped);
      print("TLB, veelab/hardware, LRU", trace.references, ours, stamped);
      if (c === undefined) console.log("(no gcc: no comparison with C)");
      else print("TLB, C of the same algorithm, gcc -O3", trace.references, c.seconds, stamped);
      for (const paging of ["native", "HAP", "SP"] satisfies Translation[])
        print(
          `structural model, ${paging}`,
          trace.references,
          await processorSeconds(() => page(trace.batches, { paging })),
          stamped,
        );
      if (stampMisses !== misses || (c !== undefined && c.misses !== misses))
        throw new Error(`misses differ: ${misses}; time stamps ${stampMisses}; C ${c?.misses ?? "-"}`);
      console.log(`misses of the two levels, equal in all: ${misses}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
