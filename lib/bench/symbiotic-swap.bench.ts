// How fast a guest's references are simulated, beside a plain implementation in the same run: a Map of pages and a linked list of
// objects in order of use.
// Rates are millions of references a second of processor time, medians of five rounds after one that warms up. One page a row, so that
// nothing is gained by runs; a real trace, whose rows are runs, is told by its own rates.
import { stream } from "../../datasets/index.ts";
import { random } from "../core/index.ts";
import { batchOf, type ReferenceBatch, singly } from "../hardware/index.ts";
import {
  clock,
  costs2011,
  exactLru,
  ramDisk,
  swap,
  swapBypass,
  type SwapOptions,
  twoLists,
} from "../symbiotic-swap/index.ts";
import { zipf } from "../traces/generate/zipf.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";

const REFERENCES = 2_000_000;
const BATCH = 65_536;
const PAGES = 65_536;
const FRAMES = 32_768;

interface Entry {
  readonly page: number;
  older: Entry | undefined;
  newer: Entry | undefined;
}

/** Under LRU, as one would write it first. Gives the faults with a transfer. */
function plain(batches: readonly ReferenceBatch[]): number {
  const resident = new Map<number, Entry>();
  const swapped = new Set<number>();
  let [newest, oldest] = [undefined, undefined] as [Entry | undefined, Entry | undefined];
  let faults = 0;
  const unlink = (entry: Entry): void => {
    if (entry.older === undefined) oldest = entry.newer;
    else entry.older.newer = entry.newer;
    if (entry.newer === undefined) newest = entry.older;
    else entry.newer.older = entry.older;
  };
  for (const { page } of batches)
    for (const number of page) {
      let entry = resident.get(number);
      if (entry !== undefined) unlink(entry);
      else {
        if (swapped.delete(number)) faults++;
        if (resident.size === FRAMES) {
          const out = oldest!;
          unlink(out);
          resident.delete(out.page);
          swapped.add(out.page);
        }
        entry = { page: number, older: undefined, newer: undefined };
        resident.set(number, entry);
      }
      entry.older = newest;
      entry.newer = undefined;
      if (newest === undefined) oldest = entry;
      else newest.newer = entry;
      newest = entry;
    }
  return faults;
}

function batchesOf(pageOf: (number: number) => number): ReferenceBatch[] {
  const batches: ReferenceBatch[] = [];
  for (let done = 0; done < REFERENCES; done += BATCH)
    batches.push(singly(Uint32Array.from({ length: BATCH }, (_, row) => pageOf(done + row))));
  return batches;
}

const options: SwapOptions = {
  ...{ frames: FRAMES, slots: 4 * PAGES, mechanism: ramDisk(), reclaim: exactLru(), costs: costs2011 },
};
const { int } = random(1);
const popular = zipf(random(2), PAGES, 0.9);
const traces = [
  ["cyclic sweep, every reference faults", batchesOf((number) => number % PAGES)],
  ["random pages, half of them fault", batchesOf(() => int(PAGES))],
  ["Zipf 0.9", batchesOf(() => popular())],
] as const;
const settings = [
  ["LRU", options],
  ["clock", { ...options, reclaim: clock() }],
  ["two lists", { ...options, reclaim: twoLists() }],
  [
    "LRU, SwapBypass, CR3 each 10,000",
    { ...options, mechanism: swapBypass({ cachePages: 4 * PAGES }), referencesPerRootLoad: 10_000 },
  ],
] as const;

console.log(`${PAGES} pages, ${FRAMES} frames`);
for (const [name, batches] of traces) {
  const rows = batches.length * BATCH;
  const print = (what: string, seconds: number, peer: number): void => {
    figure(`${name}: ${what}`, rows / seconds / 1e6, "M references/s", {
      peers: { "a Map and a linked list": rows / peer / 1e6 },
    });
  };
  let faults = 0;
  const peer = await processorSeconds(() => (faults = plain(batches)));
  const { majorFaults } = await swap(batches, options);
  if (majorFaults !== faults) throw new Error(`faults differ: ${majorFaults}, plain ${faults}`);
  for (const [what, given] of settings) print(what, await processorSeconds(() => swap(batches, given)), peer);
}

const gcc: ReferenceBatch[] = [];
let references = 0;
for await (const batch of stream("memory/gcc-cc1")) {
  gcc.push(batchOf(batch));
  references += gcc.at(-1)!.count.reduce((sum, count) => sum + count, 0);
  if (references > 20e6) break;
}
const seconds = await processorSeconds(() => swap(gcc, { ...options, frames: 1024 }));
const runs = gcc.reduce((sum, { page }) => sum + page.length, 0);
const trace = `memory/gcc-cc1, its first ${(references / 1e6).toFixed(0)} M references, 1024 frames`;
figure(trace, references / seconds / 1e6, "M references/s");
figure(`${trace}: runs`, runs / seconds / 1e6, "M runs/s");
