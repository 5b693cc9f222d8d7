import { describe, expect, it } from "vitest";
import {
  costs2011,
  costsToday,
  type ExecutionBatch,
  type Mode,
  sharing,
  simulate,
  type SimulationRow,
  stackInstructions,
  syntheticExecution,
  threadsExecution,
} from "../index.ts";

// Rows that were looked at once and must not change unnoticed; by column, in the golden file.
describe("golden rows", () => {
  const rowsOf = async (
    execution: readonly ExecutionBatch[],
    given: { readonly cache: Iterable<number>; readonly stackRelative: Iterable<number> },
  ): Promise<string> => {
    const actual = await sharing(execution);
    const rows: SimulationRow[] = [];
    for (const mode of ["native", "manual", "static", "dynamic", "active", "passive"] satisfies Mode[])
      for (const [costs, granuleBytes] of [
        [costs2011, 8],
        [costsToday, 64],
      ] as const) {
        const records = granuleBytes === 8 ? {} : { records: 1024 };
        const options = {
          ...given,
          ...{ mode, costs, granuleBytes },
          ...records,
          privacy: "both",
          trained: actual,
          actual,
        } as const;
        rows.push((await simulate(execution, options)).row);
      }
    const columns = Object.keys(rows[0]!).map((name) => {
      // Twelve digits: the order of a sum is not part of the result.
      const values = rows.map((row) => row[name as keyof SimulationRow]);
      return `${name}: ${values.map((value) => (typeof value === "number" ? Number(value.toPrecision(12)) : value)).join(", ")}\n`;
    });
    return columns.join("");
  };

  it("of a synthetic program", async () => {
    const { batches, blocks, stackRelative } = syntheticExecution({
      ...{ threads: 4, sections: 200, rareBlocks: 10, rareProbability: 0.05, sharedWords: 512, locks: 2, sites: 3 },
    });
    const cache = blocks.slice(0, -2);
    await expect(await rowsOf([...batches()], { cache, stackRelative })).toMatchFileSnapshot("golden/synthetic.txt");
  });

  it("of pigz with four threads that compress", async () => {
    const stackRelative = await stackInstructions("memory/threads-pigz");
    const execution: ExecutionBatch[] = [];
    for await (const batch of threadsExecution("memory/threads-pigz")) execution.push(batch);
    const { cache } = await simulate(execution, { mode: "active", costs: costs2011, cache: [] });
    const rows = await rowsOf(execution, { cache, stackRelative });
    await expect(rows).toMatchFileSnapshot("golden/pigz.txt");
  }, 120_000);
});
