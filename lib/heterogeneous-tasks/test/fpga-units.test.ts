import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { random } from "../../core/random.ts";
import { VERILOG_UNITS } from "../fpga/verilog-units.ts";

const float = new Float32Array(1);
const word = new Int32Array(float.buffer);
const toFloat = (bits: number): number => {
  word[0] = bits;
  return float[0]!;
};
const toBits = (number: number): number => {
  float[0] = number;
  return Number.isNaN(number) ? 0x7fc00000 : word[0]!;
};

// Zeros, subnormals, the ends of the normal numbers, ones, numbers that round to even, infinities, NaNs of either sign; negative ones too.
const special = [
  ...[0, 1, 2, 3, 0x7fffff, 0x7ffffe, 0x400000, 0x800000, 0x800001, 0xffffff, 0x1000000, 0x3f800000, 0x3f800001],
  ...[0x3f7fffff, 0x3fffffff, 0x40000000, 0x4b000000, 0x4b7fffff, 0x4b800000, 0x4b000001, 0x4afffffe, 0x7f000000],
  ...[0x7f7fffff, 0x7f7ffffe, 0x7f800000, 0x7fc00000, 0x7f800001, 0x00ffffff, 0x3effffff, 0x3f000000, 0x4f000000],
].flatMap((bits) => [bits, bits | 0x80000000]);

/** All pairs of those, then pairs of any bits, of close sizes, and of products and quotients about the smallest and the largest numbers. */
function pairs(count: number): [number, number][] {
  const { bits, int } = random("pairs");
  const near = (exponent: number): number => ((bits() & 0x807fffff) | ((exponent + int(4)) << 23)) >>> 0;
  const list = special.flatMap((a) => special.map((b): [number, number] => [a, b]));
  while (list.length < count) {
    const a = int(250);
    list.push(
      [bits(), bits()],
      [near(a), near(a)],
      [near(a), near(Math.max(0, 124 - a))],
      [near(a), near(Math.max(0, Math.min(250, a - 127)))],
      [near(a), near(Math.max(0, Math.min(250, 380 - a)))],
    );
  }
  return list.map(([a, b]) => [a | 0, b | 0]);
}

/** What a unit makes of pairs that come so many cycles apart, each read so many cycles behind. */
function simulate(
  module: string,
  ports: string,
  width: number,
  list: readonly [number, number][],
  latency: number,
  interval: number,
): Int32Array {
  const folder = mkdtempSync(join(tmpdir(), "veelab-unit-"));
  try {
    const hex = (at: 0 | 1): string => list.map((pair) => (pair[at] >>> 0).toString(16)).join("\n");
    writeFileSync(join(folder, "a.hex"), hex(0));
    writeFileSync(join(folder, "b.hex"), hex(1));
    const text = `${VERILOG_UNITS}
module bench;
  reg clk = 0, go = 0;
  reg [31:0] as [0:${list.length - 1}], bs [0:${list.length - 1}], a = 0, b = 0;
  wire [${width - 1}:0] q;
  integer file, cycle;
  ${module} dut (${ports}, .q(q));
  initial begin
    $readmemh("a.hex", as); $readmemh("b.hex", bs); file = $fopen("q.hex", "w");
    for (cycle = 0; cycle < ${list.length * interval + latency}; cycle = cycle + 1) begin
      if (cycle % ${interval} == 0 && cycle / ${interval} < ${list.length}) begin a = as[cycle / ${interval}]; b = bs[cycle / ${interval}]; go = 1; end
      else go = 0;
      #1;
      if (cycle >= ${latency} && (cycle - ${latency}) % ${interval} == 0) $fdisplay(file, "%h", q);
      clk = 1; #1; clk = 0;
    end
    $fclose(file);
    $finish;
  end
endmodule
`;
    writeFileSync(join(folder, "bench.v"), text);
    execFileSync("iverilog", ["-g2005", "-o", "bench.vvp", "bench.v"], { cwd: folder, stdio: "pipe" });
    execFileSync("vvp", ["-n", "bench.vvp"], { cwd: folder, stdio: "pipe" });
    const lines = readFileSync(join(folder, "q.hex"), "utf8").trim().split("\n");
    return Int32Array.from(lines.slice(0, list.length), (line) => parseInt(line, 16) | 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { fround, floor, sqrt } = Math;
const AB = ".a(a), .b(b)";

describe.skipIf(!tool("iverilog", ["-V"]))(
  "units in Icarus Verilog give the bits of JavaScript, rounded to single precision",
  () => {
    it.each([
      ["f32_add", `.clk(clk), ${AB}`, 32, 4, 1, 12000, (a: number, b: number) => toBits(fround(a + b))],
      ["f32_mul", `.clk(clk), ${AB}`, 32, 4, 1, 12000, (a: number, b: number) => toBits(fround(a * b))],
      ["f32_div", `.clk(clk), .go(go), ${AB}`, 32, 30, 30, 5000, (a: number, b: number) => toBits(fround(a / b))],
      ["f32_sqrt", ".clk(clk), .go(go), .a(a)", 32, 28, 28, 5000, (a: number) => toBits(fround(sqrt(a)))],
      ["f32_lt", AB, 1, 0, 1, 10000, (a: number, b: number) => (a < b ? 1 : 0)],
      ["f32_le", AB, 1, 0, 1, 10000, (a: number, b: number) => (a <= b ? 1 : 0)],
      ["f32_eq", AB, 1, 0, 1, 10000, (a: number, b: number) => (a === b ? 1 : 0)],
      ["f32_floor", ".a(a)", 32, 0, 1, 10000, (a: number) => toBits(floor(a))],
      ["f32_to_i32", ".a(a)", 32, 0, 1, 10000, (a: number) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, a)) | 0],
    ])("%s", { timeout: 120_000 }, (module, ports, width, latency, interval, count, expected) => {
      const list = pairs(count);
      const found = simulate(module, ports, width, list, latency, interval);
      const wrong = list.flatMap(([a, b], at) =>
        found[at] === expected(toFloat(a), toFloat(b))
          ? []
          : [[a >>> 0, b >>> 0, found[at]! >>> 0].map((x) => x.toString(16))],
      );
      expect(wrong.slice(0, 10)).toEqual([]);
      expect(found.length).toBe(list.length);
    });

    it("f32_from_i32", () => {
      const list = pairs(10000).flatMap(([a]): [number, number][] => [
        [a, 0],
        [a >> 8, 0],
      ]);
      const found = simulate("f32_from_i32", ".a(a)", 32, list, 0, 1);
      expect([...found]).toEqual(list.map(([a]) => toBits(fround(a))));
    });
  },
);
