// How fast events of an execution are simulated in each mode, beside a plain implementation in the same run: a Map of versions and Sets for
// the read and write sets of transactions that are run one after the other.
// Rates are millions of events a second of processor time, medians of five rounds after one that warms up.
import {
  costs2011,
  type ExecutionBatch,
  executionEvents as events,
  type Mode,
  sharing,
  simulate,
  type SimulateOptions,
  syntheticExecution,
} from "../hybrid-rewriting/index.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";

const { batches, blocks, stackRelative } = syntheticExecution({
  ...{ threads: 4, sections: 15_000, rareBlocks: 20, sharedWords: 16_384 },
});
const execution: ExecutionBatch[] = [...batches()];
const count = execution.reduce((sum, { event }) => sum + event.length, 0);

/** Transactions without overlap, as one would write it first. Gives the granules written. */
function plain(): number {
  const versions = new Map<number, number>();
  const isStack = new Set(stackRelative);
  const open = new Map<number, { reads: Set<number>; writes: Set<number> }>();
  let commits = 0;
  let written = 0;
  for (const { thread, event, pc, address } of execution)
    for (let row = 0; row < event.length; row++) {
      const kind = event[row]!;
      const own = open.get(thread[row]!);
      if (kind === events.lock) open.set(thread[row]!, { reads: new Set(), writes: new Set() });
      else if (kind === events.unlock) {
        commits++;
        for (const granule of own!.writes) versions.set(granule, commits);
        written += own!.writes.size;
        open.delete(thread[row]!);
      } else if (kind !== events.block && own !== undefined && !isStack.has(pc[row]!)) {
        const granule = Math.floor(address[row]! / 8);
        if ((versions.get(granule) ?? 0) > commits) throw new Error("a version of the future");
        (kind === events.write ? own.writes : own.reads).add(granule);
      }
    }
  return written;
}

const print = (what: string, seconds: number, peer: number): void => {
  figure(what, count / seconds / 1e6, "M events/s", { peers: { "a Map and Sets": count / peer / 1e6 } });
};
const peer = await processorSeconds(plain);
console.log(`${count} events of 4 threads, ${stackRelative.length} instructions on the stack`);
const trained = await sharing(execution);
print("sharing", await processorSeconds(() => sharing(execution)), peer);
const options = { costs: costs2011, cache: blocks, privacy: "both", stackRelative, trained, actual: trained } as const;
for (const mode of ["native", "manual", "static", "dynamic", "active", "passive"] as const satisfies readonly Mode[]) {
  const given: SimulateOptions = { ...options, mode };
  print(mode, await processorSeconds(() => simulate(execution, given)), peer);
}
print(
  "passive, 4096 records",
  await processorSeconds(() => simulate(execution, { ...options, mode: "passive", records: 4096 })),
  peer,
);
