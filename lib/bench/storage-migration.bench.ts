// How fast a migration replays a block trace, beside the plainest implementation of pre-copy in the same run, which has request
// objects, a map of send times and a set of dirty blocks. Rates are millions of requests a second of processor time, medians.
// The trace: 4 million requests of the seeded generator on a disk of 4 GiB, half of them writes; 10 s of history, then the migration
// at 1 Gbps. "streamed" also makes the batches while it runs, and shows that memory does not grow with the trace.
import { blockWorkload } from "../traces/index.ts";
import { disk2011 } from "../hardware/index.ts";
import {
  type BlockBatch,
  linear,
  lowestFirst,
  migrate,
  type MigrateOptions,
  models,
  workloadAware,
} from "../storage-migration/index.ts";
import { batchesOf } from "../storage-migration/trace.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { naivePreCopy, type PlainRequest } from "./reference/naive-migration.ts";
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";

const DISK = 4 * 2 ** 30;
const BLOCK = 2 ** 20;
const REQUESTS = 4_000_000;
const RATE = 40_000;
const START_S = 10;
const made = (requests: number) =>
  blockWorkload({ requests, ratePerS: RATE, diskBytes: DISK, zipfExponent: 1.1, readShare: 0.5, seed: 1 });
const link = { label: "1 Gbps", bandwidthMbps: 1000, rttMs: 1 };

// Before anything else is in memory.
for (const requests of [1_000_000, 2_000_000, 8_000_000]) {
  const before = process.memoryUsage().rss;
  const seconds = requests / RATE / 1.5;
  const slow = { ...link, bandwidthMbps: (DISK * 8) / seconds / 1e6 };
  await migrate(made(requests), { model: "post-copy", link: slow, diskBytes: DISK, startS: 1 });
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  figure(`streamed, ${requests / 1e6} M requests made as they are read: growth of resident memory`, grown, "MiB");
}

const batches: BlockBatch[] = [];
for await (const batch of batchesOf(made(REQUESTS))) {
  // Two requests in a thousand are writes after the bulk pass, so that pre-copy ends.
  const op = Uint8Array.from(batch.op, (code, row) => (batch.timeNs[row]! > 44e9 && row % 500 !== 0 ? 0 : code));
  batches.push({ ...batch, op });
}
const plain: PlainRequest[] = batches.flatMap(({ timeNs, op, offsetBytes, sizeBytes }) =>
  Array.from(timeNs, (at, row) => ({
    at: at / 1e9,
    write: op[row] === 1,
    first: Math.floor(offsetBytes[row]! / BLOCK),
    last: Math.floor((offsetBytes[row]! + sizeBytes[row]! - 1) / BLOCK),
  })),
);

const options: MigrateOptions = {
  model: "pre-copy",
  link,
  diskBytes: DISK,
  startS: START_S,
  dirtyOrder: lowestFirst(),
};
/** Requests that a run saw: the history's and those of the migration. */
const seen = async (given: MigrateOptions): Promise<number> => {
  const { row } = await migrate(batches, given);
  return plain.findIndex(({ at }) => at >= START_S) + row.reads + row.writes;
};
console.log(`${REQUESTS} requests, disk of ${DISK / BLOCK} blocks`);
const slot = BLOCK / 125e6;
const order = Array.from({ length: DISK / BLOCK }, (_, block) => block);
const mostLeft = Math.floor((0.03 * 125e6) / BLOCK);
let naive = { extra: 0, slots: 0 };
const naiveS = await processorSeconds(() => {
  naive = naivePreCopy(plain, order, { slot, start: START_S, mostLeft });
});
const { row } = await migrate(batches, { ...options, order: linear() });
if (row.extraBytes / BLOCK !== naive.extra)
  throw new Error(`extra blocks differ: ${row.extraBytes / BLOCK}, naive ${naive.extra}`);
console.log(`blocks sent again, equal in both: ${naive.extra}`);
// The naive one looks for the start among its objects, and does the requests of the migration alone.
const peer = (row.reads + row.writes) / naiveS;
const print = (what: string, requests: number, seconds: number): void => {
  figure(what, requests / seconds / 1e6, "M requests/s", { peers: { naive: peer / 1e6 } });
};
for (const model of models) {
  const given = { ...options, model };
  print(`${model}, linear`, await seen(given), await processorSeconds(() => migrate(batches, given)));
}
const aware = { ...options, order: workloadAware() };
print("pre-copy, workload-aware", await seen(aware), await processorSeconds(() => migrate(batches, aware)));
const metered = { ...options, disk: { ...disk2011, accessMs: 0.001, sequentialMBps: 5000 } };
print("pre-copy, linear, with latencies", await seen(metered), await processorSeconds(() => migrate(batches, metered)));
