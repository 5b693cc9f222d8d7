import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { random } from "../../core/random.ts";
import {
  coulombicPotential,
  des,
  type Elements,
  feedback,
  fft,
  fir,
  fmRadio,
  fpga,
  fpgaDesign,
  graph,
  type Graph,
  idea,
  javascript,
  lfe5u85,
  map,
  mosaic,
  mriQ,
  nBody,
  reduce,
  run,
  runOn,
  series,
  sink,
  source,
  split,
  type Stream,
  task,
  value,
} from "../index.ts";
import { flatOf } from "../graph.ts";
import { vvp } from "./vvp.ts";

const noise = (seed: string, length: number): Float32Array => {
  const stream = random(seed);
  return Float32Array.from({ length }, () => 2 * stream.float() - 1);
};
const whole = (type: "f32" | "i32", stream: Stream): Graph =>
  graph(
    source(type)
      .to(stream)
      .to(sink(stream.output ?? type)),
  );
const words = Int32Array.from({ length: 40 }, random("words").bits).map((bits) => bits & 0xffff);

const add = reduce({ label: "add", input: "i32", of: 2 }, (a, b) => a + b);
const twice = map({ label: "twice", input: "i32" }, (x) => 2 * x);

describe("by hand", () => {
  it("a task of one step: the first element leaves in the fifth cycle, then one in two cycles", () => {
    // Into the first queue, into the task, computed, into the second queue, out. In the cycle of a push the next element comes.
    const { output, cycles } = fpgaDesign(whole("i32", twice)).run([1, 2, 3, 4, 5]);
    expect([output, cycles]).toEqual([Int32Array.of(2, 4, 6, 8, 10), 5 + 2 * 4]);
  });

  it("a reduction of four elements waits for them, and its three sums follow each other in one step", () => {
    const sum = reduce({ label: "sum", input: "i32", of: 4 }, (a, b) => a + b);
    // Cycles 2 to 5 bring the elements, 6 computes, 7 gives and brings the next element: then one in five cycles.
    const { output, cycles } = fpgaDesign(whole("i32", sum)).run([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([output, cycles]).toEqual([Int32Array.of(10, 26), 8 + 5]);
  });

  it("a sum of f32 takes the unit's four cycles, and the step of its result", () => {
    const one = map({ label: "one", input: "f32" }, (x) => x + 1);
    const { cycles } = fpgaDesign(whole("f32", one)).run([1]);
    expect(cycles).toBe(4 + 5);
  });

  it("the rounds of a loop overlap: one element of block RAM a cycle", () => {
    const sum = task({ label: "sum", input: "i32", takes: 40 }, (x, y) => {
      let all = 0;
      for (let i = 0; i < 40; i++) all += x[i]! & 7;
      y[0] = all;
    });
    // Cycles 2 to 41 bring the elements, 42 sets the counter and the sum, 43 begins the first round, 82 the last, which reads and then adds; 84 stores, 85 gives.
    const { output, cycles } = fpgaDesign(whole("i32", sum)).run(Int32Array.from({ length: 40 }, (_, at) => at));
    expect([output, cycles]).toEqual([Int32Array.of(5 * 28), 86]);
  });

  it("what ranges decide is no hardware: a product with a power of two, a comparison", () => {
    const shifted = map({ label: "shifted", input: "i32" }, (x) => ((x & 255) < 256 ? 4 * x : x * x));
    expect(fpgaDesign(whole("i32", shifted)).area.multipliers).toBe(0);
    expect(
      fpgaDesign(
        whole(
          "i32",
          map({ label: "f", input: "i32" }, (x) => (x & 255) * (x & 255)),
        ),
      ).area.multipliers,
    ).toBe(1);
  });
});

const scan = task({ label: "scan", input: "i32", takes: 40, gives: 40 }, (x, y) => {
  let sum = 0;
  for (let i = 0; i < 40; i++) {
    if (x[i]! > 0) for (let j = 0; j < 30; j++) sum += x[j]! & i;
    else sum -= x[i]!;
    if (sum > 100) y[i] = sum;
  }
});
const dynamic = task({ label: "dynamic", input: "i32", takes: 3, gives: 20, history: 2 }, (x, y) => {
  let n = 0;
  for (let i = x[2]! & 3; i < (x[3]! & 15); i += 3) {
    y[i] = x[4]! + n;
    n += i;
  }
  y[19] = x[0]! + (x[1]! << (n & 7));
});
const loops = feedback(split([add, add], { share: [2, 2], join: [1, 1] }), {
  ...{ join: [2, 2], share: "duplicate", delay: value("i32", [5, -7]) },
});

const up = task({ label: "up", input: "i32", takes: 2, gives: 3 }, (x, y) => {
  for (let i = 1; i < 3; i++) y[i] = x[0]!;
  y[0] = x[0]! + x[1]!;
});
const change = task({ label: "change", input: "i32", history: 3 }, (x, y) => {
  y[0] = x[3]! - x[0]!;
});
const sums = feedback(add, { join: [1, 1], share: "duplicate", delay: value("i32", [5]) });
const network = up.to(split([change, twice.to(twice)], { share: [1, 2], join: [1, 2] })).to(sums);

const tiles = Array.from({ length: 5 }, (_, tile) => Array.from({ length: 16 }, (_, at) => (tile * 50 + at * 7) % 256));

const programs: readonly [string, "i32" | "f32", Stream, Elements][] = [
  ["IDEA", "i32", idea([1, 2, 3, 4, 5, 6, 7, 8]), words],
  ["bit reversal and FFT", "f32", fft(32), noise("fft", 128)],
  ["N-Body", "f32", nBody(6, 0.01), noise("bodies", 24)],
  ["MRI-Q", "f32", mriQ([...noise("k-space", 16)]), noise("points", 6)],
  ["CP", "i32", coulombicPotential([...noise("atoms", 16)], 0.25), words.slice(0, 9)],
  ["Series", "i32", series(4), Int32Array.of(0, 5)],
  ["Mosaic", "i32", mosaic(tiles, { side: 4, across: 2 }), Int32Array.from({ length: 64 }, (_, at) => (at * 29) % 256)],
  ["DES", "i32", des([1, 2, 3, 4, 5, 6, 7, 8]), words.slice(0, 2)],
  [
    "FM radio",
    "f32",
    fmRadio({ channel: [...noise("ch", 20)], decimation: 4, smoothing: 0.25, bands: [[...noise("a", 20)], [1, 2]] }),
    noise("radio", 80),
  ],
  ["loops in branches in loops", "i32", scan, Int32Array.from({ length: 80 }, (_, at) => ((at * 37) % 50) - 25)],
  ["bounds that are computed", "i32", dynamic, words.slice(0, 30)],
  ["splits, a history and a way back", "i32", network, words],
  ["ways back", "i32", loops, words.slice(0, 20)],
];

describe.each(programs)("%s", (_, type, stream, input) => {
  const made = whole(type, stream);
  const expected = run(made, input);

  it("gives the bits of JavaScript in the model", () => {
    expect(fpgaDesign(made).run(input).output).toEqual(expected);
  });

  // One block of DES takes it some 15 s: 5000 cycles of 160 modules.
  it.skipIf(!tool("iverilog", ["-V"]))(
    "gives the same bits and takes the same cycles in Icarus Verilog",
    { timeout: 180_000 },
    () => {
      const { verilog, run: model } = fpgaDesign(made);
      const simulated = vvp(verilog, input, expected.length);
      expect(simulated.bits).toEqual(new Int32Array(expected.buffer));
      expect(simulated.cycles).toBe(model(input).cycles);
    },
  );
});

it("goes on where JavaScript was, and the other way round, with a history in block RAM", async () => {
  const [input, output] = [noise("moving", 90), new Float32Array(90)];
  const made = whole("f32", fir("moving", [...noise("taps", 40)]));
  const flat = flatOf(made);
  let state: readonly Elements[] | undefined;
  for (const [at, device] of [javascript, fpga(), javascript].entries()) {
    const loaded = await device.load(flat, 30, state);
    await loaded.run(input.subarray(30 * at, 30 * at + 30), output.subarray(30 * at, 30 * at + 30), 30);
    state = await loaded.state();
    await loaded.close();
  }
  expect(output).toEqual(run(made, input));
});

describe("what is refused", () => {
  it("a circuit that does not fit, arrays beyond the memory, and a part of less than nothing", async () => {
    const { area } = fpgaDesign(whole("f32", mriQ([1, 2, 3, 4])));
    const small = { ...lfe5u85, label: "small", multipliers: 3 };
    await expect(runOn(whole("f32", mriQ([1, 2, 3, 4])), [], { device: fpga(small) })).rejects.toThrow(
      `small: cannot run a circuit of about ${area.multipliers} multipliers (it has 3)`,
    );
    const long = fir(
      "long",
      Array.from({ length: 60000 }, () => 1),
    );
    await expect(runOn(whole("f32", long), [], { device: fpga() })).rejects.toThrow(
      "LFE5U-85: cannot run the task long: its arrays are 120001 elements, RAM is 106496",
    );
    expect(() => fpga("lfe5u85" as never)).toThrow('part: expected a part, such as lfe5u85, got "lfe5u85"');
    expect(() => fpga({ ...lfe5u85, blockRams: -1 })).toThrow("part.blockRams: expected a finite number >= 0, got -1");
  });

  it("a function whose loop has no end that is known, and input left over", () => {
    const open = map({ label: "open", input: "i32" }, (x) => {
      const count = (n: number): number => {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += i;
        return sum;
      };
      return count(x & 7);
    });
    expect(() => fpgaDesign(whole("i32", open))).toThrow(
      /^graph: expected one that a circuit can be made of, got "the task open: unrolled, its function \w+ is more than 4096 operations"$/,
    );
    expect(() => fpgaDesign(whole("i32", add)).run([1])).toThrow(
      "input: expected a multiple of 2 elements (an iteration of the graph), got 1",
    );
  });
});
