import { tableFromIPC, tableToIPC } from "apache-arrow";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { fromRows, toRows } from "../../core/table.ts";
import {
  fifo,
  goldenCove,
  lru,
  nehalem,
  type Processor,
  randomReplacement,
  type ReferenceBatch,
  tlb,
  transparentHuge,
  treePlru,
  zen4,
} from "../index.ts";

const golden = new URL("golden/tlb-misses.arrow", import.meta.url);

/** A program of sorts: a loop over code, a hot heap whose pages are the likelier the lower, and a scan now and then. */
function synthetic(rows: number): ReferenceBatch {
  const stream = random("golden");
  const batch = { page: new Uint32Array(rows), count: new Uint32Array(rows), kind: new Uint8Array(rows) };
  for (let row = 0; row < rows; row++) {
    const fetch = row % 2 === 0;
    const heap = row % 5000 < 700 ? 20_000 + (row % 5000) : 4096 + Math.floor(2000 * stream.float() ** 4);
    batch.page[row] = fetch ? 1024 + stream.int(150) : heap;
    batch.count[row] = 1 + stream.int(6);
    batch.kind[row] = fetch ? 0 : 1 + stream.int(2);
  }
  return batch;
}

it("misses of three processors' TLBs under four policies are the golden table's, column by column", () => {
  const batch = synthetic(60_000);
  const rows = [];
  for (const processor of [nehalem, goldenCove, zen4])
    for (const policy of [lru(), fifo(), treePlru(), randomReplacement(11)])
      for (const huge of [0, 0.3]) {
        // Tree-PLRU serves powers of two alone: the ways of the others are halved until it does.
        const levels = policy.label === "tree-PLRU" ? powersOfTwo(processor) : processor.tlb;
        const buffer = tlb({ levels, policy, pageSizes: transparentHuge(huge, 5) });
        buffer.access(batch);
        const [first, second] = buffer.misses as [Float64Array, Float64Array];
        rows.push({
          processor: processor.label,
          policy: policy.label,
          huge,
          fetchMisses1: first[0]!,
          readMisses1: first[1]!,
          writeMisses1: first[2]!,
          fetchMisses2: second[0]!,
          readMisses2: second[1]!,
          writeMisses2: second[2]!,
        });
      }
  const table = fromRows(rows);
  if (process.env["GOLDEN"] === "write") writeFileSync(golden, tableToIPC(table, "file"));
  const expected = tableFromIPC(readFileSync(golden));
  expect(table.schema.names).toEqual(expected.schema.names);
  expect(toRows(table)).toEqual(toRows(expected));
});

function powersOfTwo(processor: Processor): Processor["tlb"] {
  const fit = <A extends { entries: number; ways: number }>(array: A): A => {
    const ways = Math.min(32, 2 ** Math.floor(Math.log2(array.ways)));
    const sets = 2 ** Math.floor(Math.log2(array.entries / ways));
    return { ...array, ways, entries: sets * ways };
  };
  return processor.tlb.map((level) =>
    "unified" in level
      ? { unified: level.unified.map(fit) }
      : { instruction: level.instruction.map(fit), data: level.data.map(fit) },
  );
}
