import { describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import {
  bytesOf,
  costs2011,
  type Execution,
  type ExecutionBatch,
  executionBatches,
  executionEvents as events,
  readImage,
  simulate,
  withoutLockCode,
} from "../index.ts";
import { lastAtOrBelow } from "../decode.ts";
import { codeImage, codeStart } from "./elf-program.ts";

type Row = readonly [thread: number, event: number, pc: number, size?: number];
const batchOf = (rows: readonly Row[]): ExecutionBatch => ({
  thread: Uint16Array.from(rows, ([thread]) => thread),
  event: Uint8Array.from(rows, ([, event]) => event),
  pc: Float64Array.from(rows, ([, , pc]) => codeStart + pc),
  address: Float64Array.from(rows, ([, event]) => (event === events.lock || event === events.unlock ? 64 : 0)),
  size: Uint16Array.from(rows, ([, event, , size]) => (event === events.block ? (size ?? 1) : 8)),
});

describe("what the functions that lock execute", () => {
  // 0: call lock, 5: nop, 6: call unlock, 11: ret, 12: jmp unlock; 17: lock, 18: unlock
  const code = [0xe8, 12, 0, 0, 0, 0x90, 0xe8, 7, 0, 0, 0, 0xc3, 0xe9, 1, 0, 0, 0, 0xc3, 0xc3];
  const image = async () => ({
    ...(await codeImage(...code)),
    functions: [{ name: "__wrap_pthread_mutex_lock", start: codeStart + 17, end: codeStart + 18 }],
  });
  const { block, read, lock, unlock } = events;

  it("by hand: is left out of each thread, whoever comes between, and in whatever batches", async () => {
    const rows: Row[] = [
      [0, block, 0],
      [0, block, 17, 60],
      [1, block, 5], // another thread's
      [0, read, 17],
      [0, lock, 0],
      [0, block, 5, 2],
      [1, block, 0],
      [1, block, 17, 60], // waits
      [0, unlock, 6],
      [0, block, 18, 30],
      [0, read, 18],
      [1, lock, 0],
      [0, block, 11],
      [1, block, 5, 2],
      [1, unlock, 12],
      [1, block, 18, 30], // was jumped to: where it returns to is not known here
    ];
    const left = [
      rows[0],
      rows[2],
      rows[4],
      rows[5],
      rows[6],
      rows[8],
      rows[11],
      rows[12],
      rows[13],
      rows[14],
      rows[15],
    ];
    for (const size of [rows.length, 1, 3]) {
      const batches = Array.from({ length: Math.ceil(rows.length / size) }, (_, at) =>
        batchOf(rows.slice(size * at, size * (at + 1))),
      );
      const found: (readonly [number, number, number])[] = [];
      for await (const { thread, event, pc } of withoutLockCode(await image(), batches))
        event.forEach((what, row) => found.push([thread[row]!, what, pc[row]! - codeStart]));
      expect(found).toEqual(left.map((row) => row!.slice(0, 3)));
    }
  });

  it("by hand: a lock costs its price, and a transaction none", async () => {
    const run = batchOf([
      [0, block, 0],
      [0, block, 17, 60],
      [0, lock, 0],
      [0, block, 5, 2],
      [0, unlock, 6],
      [0, block, 18, 30],
      [0, block, 11],
    ]);
    const { row: native } = await simulate(withoutLockCode(await image(), [run]), { mode: "native", costs: costs2011 });
    // Instructions 1 + 2 + 1; lock 40, unlock 30.
    expect([native.instructions, native.cycles]).toEqual([4, 74]);
    const given = { mode: "static", costs: costs2011 } as const;
    const { row: transaction } = await simulate(withoutLockCode(await image(), [run]), given);
    // Begin 60, commit 80.
    expect(transaction.cycles).toBe(144);
  });

  it("of the kernels is gone but for what a jump to unlock led to, and nothing else is", async () => {
    const kernels = await readImage(bytesOf(await open("executions/kernels")), "kernels");
    /** How often a block of each function ran. */
    const counted = async (execution: Execution): Promise<Map<string, number>> => {
      const counts = new Map<string, number>();
      for await (const { event, pc } of executionBatches(execution))
        for (const [row, what] of event.entries()) {
          if (what !== block) continue;
          const name = lastAtOrBelow(kernels.functions, pc[row]!)?.name.replace(/^_*/, "") ?? "stubs";
          counts.set(name, (counts.get(name) ?? 0) + 1);
        }
      return counts;
    };
    const table = await open("executions/transfers");
    const [all, left] = [await counted(table), await counted(withoutLockCode(kernels, table))];
    const fewer = [...all].filter(([name, count]) => left.get(name) !== count);
    expect(fewer.map(([name]) => name).sort()).toEqual([
      ...["pthread_mutex_lock", "pthread_mutex_unlock", "pthread_mutex_unlock_usercnt"],
      ...["wrap_pthread_mutex_lock", "wrap_pthread_mutex_unlock"],
    ]);
    // Those within the C library are called without the wrappers, and leave no event.
    expect(["wrap_pthread_mutex_lock", "wrap_pthread_mutex_unlock"].map((name) => left.get(name))).toEqual([
      undefined,
      1,
    ]);
  });

  it("needs the functions' names", async () => {
    await expect(withoutLockCode(await codeImage(0xc3), []).next()).rejects.toThrow(
      'locks: expected names of functions that are linked into code, which critical sections are found by, got "a stripped program, which has no names"',
    );
  });
});
