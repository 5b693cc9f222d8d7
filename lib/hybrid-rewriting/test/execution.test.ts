import { tableFromArrays } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { type Execution, type ExecutionBatch, executionBatches, sectionBlocks } from "../index.ts";

const plain: ExecutionBatch = {
  thread: Uint16Array.of(0, 1),
  event: Uint8Array.of(0, 4),
  pc: Float64Array.of(0x401000, 0x401010),
  address: Float64Array.of(0, 0x4c0000),
  size: Uint16Array.of(3, 0),
};

async function taken(execution: unknown): Promise<ExecutionBatch[]> {
  const batches: ExecutionBatch[] = [];
  for await (const batch of executionBatches(execution as Execution)) batches.push(batch);
  return batches;
}

describe("the batches of an execution", () => {
  it("are the same of a table, of its batches, of plain batches and of a stream", async () => {
    const table = tableFromArrays({ ...plain });
    const streamed = async function* (): AsyncGenerator<ExecutionBatch, void> {
      await Promise.resolve();
      yield plain;
    };
    for (const execution of [table, table.batches, [plain], streamed()]) {
      const [batch, ...rest] = await taken(execution);
      expect(rest).toEqual([]);
      expect(batch).toEqual(plain);
    }
  });

  it.each([
    [7, "execution: expected an Arrow table or batches with the columns thread, event, pc, address, size, got 7"],
    [[{ ...plain, pc: new Float64Array(1) }], "batch: expected arrays of equal lengths, got [2, 2, 1, 2, 2]"],
    [
      [{ ...plain, event: Uint8Array.of(0, 7) }],
      'execution, row 2, field "event": expected a number from 0 to 6, got 7',
    ],
    [
      tableFromArrays({ ...plain, pc: Float32Array.of(1, 2) }),
      'execution, field "pc": expected a Float64 column, got Float32',
    ],
    [
      tableFromArrays({ thread: plain.thread }),
      'execution, field "event": expected a Uint8 column, got the columns thread',
    ],
  ])("what is none is refused: %#", async (execution, message) => {
    await expect(taken(execution)).rejects.toThrow(message);
  });
});

describe("the blocks of critical sections", () => {
  it("by hand: an unlock without its lock, as in a recording that begins late, ends nothing", async () => {
    // Unlock; lock, block 1, lock, unlock, block 2, unlock, block 3.
    const event = Uint8Array.of(4, 3, 0, 3, 4, 0, 4, 0);
    const pc = Float64Array.of(0, 0, 1, 0, 0, 2, 0, 3);
    const zeros = { thread: new Uint16Array(8), address: new Float64Array(8), size: new Uint16Array(8) };
    expect([...(await sectionBlocks([{ ...zeros, event, pc }]))]).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });
});
