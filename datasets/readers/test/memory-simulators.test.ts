import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { champsim } from "../memory/champsim.ts";
import { dinero } from "../memory/dinero.ts";
import { pinatrace } from "../memory/pinatrace.ts";
import { openRows } from "./open-rows.ts";

interface Instruction {
  readonly ip: number | bigint;
  readonly branch?: readonly [number, number];
  readonly registers?: readonly number[];
  readonly writes?: readonly (number | bigint)[];
  readonly reads?: readonly (number | bigint)[];
}

function instructions(...list: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(64 * list.length);
  const view = new DataView(bytes.buffer);
  for (const [at, { ip, branch = [0, 0], registers = [], writes = [], reads = [] }] of list.entries()) {
    view.setBigUint64(64 * at, BigInt(ip), true);
    bytes.set(branch, 64 * at + 8);
    bytes.set(registers, 64 * at + 10);
    for (const [slot, address] of writes.entries()) view.setBigUint64(64 * at + 16 + 8 * slot, BigInt(address), true);
    for (const [slot, address] of reads.entries()) view.setBigUint64(64 * at + 32 + 8 * slot, BigInt(address), true);
  }
  return bytes;
}

const program = instructions(
  { ip: 0x401000, registers: [6, 0, 6, 3], writes: [0x7ffd_0000_1000n] },
  { ip: 0x401001, registers: [1, 2, 3, 4, 5, 7], reads: [0x6000, 0, 0x6010], writes: [0, 0x6020] },
  { ip: 0x401008, branch: [1, 0], registers: [26, 0, 26, 25] },
  { ip: 0x40100a, branch: [1, 1], registers: [26, 0, 26], reads: [1, 2, 3, 4], writes: [5, 6] },
  { ip: 0xffff_ffff_8100_0000n },
  { ip: 0xffff_ffff_8100_0004n },
);

conforms(champsim, { "six instructions": { content: program, rows: 16, openRows: 1 } });

const pins = `#tool: pinatrace
0x7f3b1b0: R 0x7ffd90c148b0
0x7f3b1b4: W 0x7ffd90c148a8
0x7f3b1b4: W 0xffffffffffffffff
#eof
`;

conforms(pinatrace, {
  "as Pin writes it": { content: pins, rows: 3 },
  "with sizes": { content: "0x401000: R 0x10  8\n0x401003: W     0x18 16\n", rows: 2, lossless: false },
});

conforms(dinero, {
  plain: { content: "2 0\n0 1000\n0 70f60888\n2 2cb5\n1 70f60890\n1 70f6088c\n", rows: 6 },
  "with comments, flushes and an unknown kind": {
    content: "0 7fff5a00 the stack\n4 0\n3 10\n2 40ab\n",
    rows: 3,
    lossless: false,
  },
});

describe("references from simulators' formats", () => {
  const folder = temporaryFolder();
  const values = async (name: string, content: string | Uint8Array) =>
    (await openRows(folder.write(name, content))).map((row) => Object.values(row));

  it("of ChampSim have these values", async () => {
    const rows = await values("champsim", program);
    const second = [0x401001n, "no", 0x0201, 0x07050403];
    expect(rows.slice(0, 6)).toEqual([
      ["fetch", 0x401000n, null, 0x401000n, "no", 6, 0x0306, 0],
      ["write", 0x7ffd_0000_1000n, null, 0x401000n, "no", 6, 0x0306, 0],
      ["fetch", 0x401001n, null, ...second, 0],
      ["read", 0x6000n, null, ...second, 0],
      ["read", 0x6010n, null, ...second, 2],
      ["write", 0x6020n, null, ...second, 1],
    ]);
    expect(rows.map((row) => row[4]).slice(6, 9)).toEqual(["not taken", "taken", "taken"]);
    expect(rows.at(-1)![1]).toBe(0xffff_ffff_8100_0004n);
  });

  it("of ChampSim with an impossible branch are refused, with the place", async () => {
    const bad = folder.write("bad", instructions({ ip: 1, branch: [0, 1] }, { ip: 2 }));
    await expect(openRows(bad, { as: "champsim" })).rejects.toThrow(
      'bad, offset 0, field "branch_taken": expected 0 or 1',
    );
    expect(await openRows(bad, { as: "champsim", skipBad: 1 })).toHaveLength(1);
  });

  it("of Pin have these values", async () => {
    expect(await values("pins", pins)).toEqual([
      ["read", 0x7ffd90c148b0n, null, 0x7f3b1b0n],
      ["write", 0x7ffd90c148a8n, null, 0x7f3b1b4n],
      ["write", 0xffff_ffff_ffff_ffffn, null, 0x7f3b1b4n],
    ]);
    expect(await values("sizes", "0x401000: R 0x10  8\n")).toEqual([["read", 0x10n, 8, 0x401000n]]);
    await expect(values("behind", `${pins}0x1: R 0x2\n`)).rejects.toThrow("expected nothing behind #eof");
  });

  it("of Dinero have these values", async () => {
    expect(await values("din", "2 2cb5\n1 70f60890 store\n3 10\n4 0\n0 ff\n")).toEqual([
      ["fetch", 0x2cb5n, null, "fetch"],
      ["write", 0x70f60890n, null, "write"],
      ["read", 0x10n, null, "miscellaneous"],
      ["read", 0xffn, null, "read"],
    ]);
  });
});
