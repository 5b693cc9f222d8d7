import type { Table } from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import { fromRows } from "../core/table.ts";
import { unseenBlocks } from "./analytic.ts";
import { type Execution, executionBatches, executionEvents as events } from "./execution.ts";

/**
 * The blocks that an execution runs inside of critical sections, in the order in which they first do, and how often each; an unlock without its lock, as a recording that begins late has, ends nothing. Linear; memory for the blocks.
 *
 * @throws TraceFormatError and OptionError as `executionBatches`
 *
 * @example
 * ```ts
 * import { sectionBlocks, syntheticExecution } from "veelab/hybrid-rewriting";
 * const blocks = await sectionBlocks(syntheticExecution({ threads: 2, sections: 5 }).batches());
 * console.log(blocks.size, blocks.get(0x400000)); // 6 10
 * ```
 */
export async function sectionBlocks(execution: Execution): Promise<ReadonlyMap<number, number>> {
  const blocks = new Map<number, number>();
  const depths = new Int32Array(65_536);
  for await (const { thread, event, pc } of executionBatches(execution))
    for (let row = 0; row < event.length; row++) {
      const kind = event[row]!;
      if (kind === events.lock) depths[thread[row]!]!++;
      else if (kind === events.unlock) depths[thread[row]!] = Math.max(0, depths[thread[row]!]! - 1);
      else if (kind === events.block && depths[thread[row]!]! > 0)
        blocks.set(pc[row]!, (blocks.get(pc[row]!) ?? 0) + 1);
    }
  return blocks;
}

/**
 * What the persistent instrumentation cache holds of each run's critical sections when all runs before were active. A row a run: `run` (1, 2, …), `blocks` (different ones), `missing`
 * (not in the cache), `coverage` (the share of the block executions that are in it, 0 to 1; in the first run 0), `cacheBlocks` (after the run), `singletons` (blocks that exactly one of the
 * runs so far has), `unseen` (Good and Turing's estimate from these). Linear in the blocks of all runs.
 *
 * @param runs - of each run its blocks and how often they were executed, as `sectionBlocks` gives them
 * @throws OptionError without runs, or for one without blocks
 *
 * @example
 * ```ts
 * import { coverageOverRuns } from "veelab/hybrid-rewriting";
 * const table = coverageOverRuns([new Map([[1, 3]]), new Map([[1, 3], [2, 1]])]);
 * console.log(table.getChild("coverage")?.get(1)); // 0.75
 * ```
 */
export function coverageOverRuns(runs: readonly ReadonlyMap<number, number>[]): Table {
  if (runs.length === 0) throw new OptionError("runs", "at least one run", runs);
  const seen = new Map<number, number>();
  let singletons = 0;
  return fromRows(
    runs.map((blocks, index) => {
      if (blocks.size === 0) throw new OptionError(`runs[${index}]`, "at least one block", blocks);
      let [missing, executions, covered] = [0, 0, 0];
      for (const [block, count] of blocks) {
        const before = seen.get(block) ?? 0;
        executions += count;
        if (before === 0) missing++;
        else covered += count;
        singletons += before === 0 ? 1 : before === 1 ? -1 : 0;
        seen.set(block, before + 1);
      }
      const run = index + 1;
      return {
        ...{ run, blocks: blocks.size, missing, coverage: covered / executions, cacheBlocks: seen.size },
        ...{ singletons, unseen: unseenBlocks({ singletons, runs: run }) },
      };
    }),
  );
}
