import { describe, expect, it } from "vitest";
import {
  conflictProbability,
  costs2011,
  coverageOverRuns,
  elisionSpeedup,
  type ExecutionBatch,
  executionEvents as events,
  executionsOfShare,
  expectedCoverage,
  passiveCycles,
  type PassiveEvents,
  sharing,
  simulate,
  type SimulateOptions,
  syntheticExecution,
  threadsExecution,
  translatedCycles,
  translationShare,
} from "../index.ts";
import { fromRows } from "../../core/table.ts";

const executionOf = (
  ...list: readonly (readonly [thread: number, event: number, address: number])[]
): ExecutionBatch[] => [
  {
    thread: Uint16Array.from(list, ([thread]) => thread),
    event: Uint8Array.from(list, ([, event]) => event),
    pc: Float64Array.from(list, (_, row) => row + 1),
    address: Float64Array.from(list, ([, , address]) => address),
    size: Uint16Array.from(list, () => 8),
  },
];
const plain = executionOf([0, events.block, 0], [0, events.read, 64]);
const options: SimulateOptions = { mode: "native", costs: costs2011 };

describe("errors are one sentence", () => {
  it.each<[string, Partial<Record<keyof SimulateOptions, unknown>>]>([
    ["options: expected only mode, costs, cache", { modus: "native" } as object],
    ['mode: expected one of native, manual, static, dynamic, active, passive, got "hybrid"', { mode: "hybrid" }],
    ["costs: expected prices, such as costs2011 or costsToday, got undefined", { costs: undefined }],
    ["costs.missCycles: expected a finite number >= 0, got -1", { costs: { ...costs2011, missCycles: -1 } }],
    ["costs.dispatchFactor: expected a finite number >= 1, got 0.5", { costs: { ...costs2011, dispatchFactor: 0.5 } }],
    ["cache: expected the starts of blocks (none: []) for the mode passive, got undefined", { mode: "passive" }],
    ["cache: expected a list of addresses, got 7", { mode: "passive", cache: 7 }],
    ["cache: expected a whole number >= 0, got -4", { mode: "passive", cache: [-4] }],
    ['privacy: expected one of none, static, dynamic, both, got "all"', { privacy: "all" }],
    [
      "stackRelative: expected the instructions for the privacy both, got undefined",
      { mode: "static", privacy: "both" },
    ],
    [
      "trained: expected what sharing(…) gives, for the privacy dynamic, got undefined",
      { mode: "passive", cache: [], privacy: "dynamic" },
    ],
    [
      "actual: expected what sharing(…) gives of this execution, for the mode manual, got undefined",
      { mode: "manual" },
    ],
    ["granuleBytes: expected a power of two, got 12", { granuleBytes: 12 }],
    ["records: expected a power of two, got 3", { records: 3 }],
    ["records: expected a whole number <= 16777216, got 33554432", { records: 2 ** 25 }],
    ["attempts: expected a whole number >= 1, got 0", { attempts: 0 }],
    ["readAhead: expected a whole number >= 1, got 0", { readAhead: 0 }],
  ])("%s", async (sentence, more) => {
    await expect(simulate(plain, { ...options, ...more } as SimulateOptions)).rejects.toThrow(sentence);
  });

  it.each<[string, ExecutionBatch[]]>([
    ["hybrid-rewriting: the execution has no blocks of instructions", []],
    ["hybrid-rewriting: the execution has no blocks of instructions", executionOf([0, events.read, 64])],
    [
      "hybrid-rewriting: the execution ends while thread 3 holds lock 0x40",
      executionOf([0, events.block, 0], [3, events.lock, 64]),
    ],
    [
      "hybrid-rewriting: thread 0 releases lock 0x40, which it does not hold",
      executionOf([0, events.block, 0], [0, events.unlock, 64]),
    ],
    [
      'execution, row 1, field "address": expected a thread\'s number, got 70000',
      executionOf([0, events.create, 70_000]),
    ],
  ])("%s", async (sentence, execution) => {
    await expect(simulate(execution, options)).rejects.toThrow(sentence);
  });

  it("of what belongs to it", async () => {
    await expect(sharing(syntheticExecution({ threads: 1, sections: 1 }) as never)).rejects.toThrow(
      "execution: expected its batches, as execution.batches() gives, got",
    );
    await expect(sharing([])).rejects.toThrow("hybrid-rewriting: the execution has no accesses");
    await expect(sharing(plain, { wordBytes: 3 })).rejects.toThrow("wordBytes: expected a power of two, got 3");
    await expect(threadsExecution(fromRows([{ kind: "read" }])).next()).rejects.toThrow(
      "trace: expected a trace with a column thread",
    );
    expect(() => syntheticExecution({ threads: 0, sections: 1 })).toThrow("threads: expected a whole number from 1");
    expect(() => syntheticExecution({ threads: 1, sections: 1, stackShare: 0.8 })).toThrow(
      "privateShare: expected at most what stackShare leaves, got 0.3",
    );
    expect(() => coverageOverRuns([])).toThrow("runs: expected at least one run, got []");
    expect(() => coverageOverRuns([new Map()])).toThrow("runs[0]: expected at least one block");
    const events = {
      instructions: 1,
      transactions: 0,
      readBarriers: 0,
      writeBarriers: 0,
      writtenGranules: 0,
      misses: 0,
    };
    expect(() => passiveCycles(events as PassiveEvents, costs2011)).toThrow(
      "events.locks: expected a finite number >= 0, got undefined",
    );
    const wrong = { ...costs2011, missCycles: -1 };
    expect(() => passiveCycles({ ...events, locks: 0 }, wrong)).toThrow(
      "costs.missCycles: expected a finite number >= 0, got -1",
    );
    expect(() => translatedCycles({ instructions: 1, newInstructions: 1, blocks: 1 } as never, costs2011)).toThrow(
      'run: expected only instructions, newInstructions, got "blocks"',
    );
    for (const use of [
      () => translatedCycles({ instructions: 1, newInstructions: 1 }, wrong),
      () => translationShare(1, wrong),
      () => executionsOfShare(0.5, wrong),
    ])
      expect(use).toThrow("costs.missCycles: expected a finite number >= 0, got -1");
    expect(() => executionsOfShare(0, costs2011)).toThrow("share: expected a number above 0, got 0");
    expect(() => expectedCoverage([], 1)).toThrow("probabilities: expected at least one, got []");
    expect(() => expectedCoverage([0.5, 2], 1)).toThrow("probabilities[1]: expected a number from 0 to 1, got 2");
    expect(() => expectedCoverage([0.5], 1, [1, 2])).toThrow("weights: expected 1 numbers, got 2");
    expect(() => expectedCoverage([0.5], 1, [0])).toThrow("weights: expected at least one above 0");
    expect(() => conflictProbability({ places: 2, writes: 3, footprint: 1 })).toThrow(
      "writes: expected a whole number from 0 to 2",
    );
    expect(() => elisionSpeedup({ sectionShare: 1.5, threads: 2 })).toThrow(
      "sectionShare: expected a number from 0 to 1",
    );
  });
});
