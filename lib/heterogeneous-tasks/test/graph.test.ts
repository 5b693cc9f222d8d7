import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  copies,
  feedback,
  graph,
  type Graph,
  map,
  pipelineRate,
  publishedNativeShare,
  queueElements,
  reduce,
  relocatable,
  repetitions,
  run,
  runOn,
  sink,
  source,
  split,
  start,
  type Stream,
  task,
  value,
  webAssembly,
} from "../index.ts";
import { flatOf } from "../graph.ts";
import { schedule } from "../schedule.ts";

const closed = (stream: Stream): Graph => graph(source("i32").to(stream).to(sink("i32")));

/** Takes and gives so many; gives the sum of what it takes, and its first element but for that. */
const rates = (takes: number, gives: number, label = `${takes} to ${gives}`): Stream =>
  task(
    { label, input: "i32", takes, gives, values: { takes: value("i32", takes), gives: value("i32", gives) } },
    (x, y, { takes, gives }) => {
      let sum = 0;
      for (let i = 0; i < takes; i++) sum += x[i]!;
      for (let i = 1; i < gives; i++) y[i] = x[0]!;
      y[0] = sum;
    },
  );
const twice = map({ label: "twice", input: "i32" }, (x) => 2 * x);
const add = reduce({ label: "add", input: "i32", of: 2 }, (a, b) => a + b);

/** Γ: a row an edge. */
const matrix = ({ nodes, edges }: Graph): number[][] =>
  edges.map(({ from, to, gives, takes }) => nodes.map((_, at) => (at === from ? gives : 0) - (at === to ? takes : 0)));

describe("balance", () => {
  it("by hand", () => {
    // 2→3 then 3→2... r: source 2, first 1, second 1, sink 2.
    expect(closed(rates(2, 3).to(rates(3, 2))).nodes.map(({ firings }) => firings)).toEqual([2, 1, 1, 2]);
    // DES in StreamIt's manner: a permutation of 64, two halves in turn, joined again.
    const halves = split([rates(32, 32), rates(32, 32)], { share: [32, 32], join: [32, 32] });
    expect(closed(rates(64, 64).to(halves)).nodes.map(({ firings }) => firings)).toEqual([64, 1, 1, 1, 1, 1, 64]);
  });

  const anyRates = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })), {
    minLength: 1,
    maxLength: 6,
  });

  it("is the null space of the topology matrix, by elimination; and the schedule fires so often and within its buffers", () => {
    fc.assert(
      fc.property(anyRates, anyRates, fc.integer({ min: 1, max: 4 }), (first, second, share) => {
        const branch = (list: readonly (readonly [number, number])[]): Stream =>
          list.map(([takes, gives]) => rates(takes, gives)).reduce((a, b) => a.to(b));
        // The gain of the second branch is undone in the joiner: gives × shares in the ratio of what the branches give.
        const product = (list: readonly (readonly [number, number])[], at: 0 | 1): number =>
          list.reduce((all, rate) => all * rate[at], 1);
        const join = [share * product(first, 1) * product(second, 0), product(second, 1) * product(first, 0)];
        fc.pre(Math.max(...join) <= 2 ** 20);
        const whole = closed(split([branch(first), branch(second)], { share: [share, 1], join }));
        expect(repetitions(matrix(whole))).toEqual(whole.nodes.map(({ firings }) => firings));
        for (const { gives, takes, initial, from, bufferElements } of whole.edges) {
          const moved = gives * whole.nodes[from]!.firings;
          const rounds = moved / queueElements({ gives, takes, initial: 0, rounds: 1 });
          expect(bufferElements).toBe(queueElements({ gives, takes, initial, rounds }));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("refuses rates that cannot balance, as the matrix has full rank", () => {
    const uneven = split([twice, rates(2, 1, "halve")], { share: "duplicate", join: [1, 1] });
    expect(() => closed(uneven)).toThrow(
      /^graph: expected rates that balance between (twice|halve) and join, got \d+ elements given by \d+ firings of (twice|halve) and \d+ taken by \d+ of join$/,
    );
    // source, split, twice, halve, join, sink
    const gamma = [
      [1, -1, 0, 0, 0, 0],
      [0, 1, -1, 0, 0, 0],
      [0, 1, 0, -2, 0, 0],
      [0, 0, 1, 0, -1, 0],
      [0, 0, 0, 1, -1, 0],
      [0, 0, 0, 0, 2, -1],
    ];
    expect(repetitions(gamma)).toBeUndefined();
  });

  it("refuses a matrix of two graphs", () => {
    expect(() => repetitions([[0.5, -1]])).toThrow("matrix[0][0]: expected a whole number, got 0.5");
    expect(() => repetitions([[1, -1], [1]])).toThrow("matrix[1]: expected 2 rates, one a node, got 1");
    expect(() => repetitions([])).toThrow("matrix: expected one edge and one node or more, got []");
    expect(() => repetitions([[1, -1, 0, 0]])).toThrow(
      'matrix: expected the rates of a connected graph, got "rank 1 of 4 nodes"',
    );
  });
});

describe("cycles", () => {
  const loop = (delay: readonly number[], forward = add): Stream =>
    feedback(forward, { join: [1, 1], share: "duplicate", delay: value("i32", delay) });

  it("by hand: one element of delay makes sums, two make two interleaved sums", () => {
    expect([...run(closed(loop([0])), [1, 2, 3, 4])]).toEqual([1, 3, 6, 10]);
    expect([...run(closed(loop([10, 20])), [1, 2, 3, 4])]).toEqual([11, 22, 14, 26]);
  });

  it("are run by rounds that are written once, and what is behind gets all at once", () => {
    // source, join, add, split, twice, sink; a delay of three makes rounds of three firings, of which the last is short.
    const of = flatOf(closed(loop([0, 0, 0]).to(twice)));
    const steps = (count: number): object[] => [1, 2, 3].map((node) => ({ node, count }));
    expect(schedule(of, 1000).runs).toEqual([
      { rounds: 1, steps: [{ node: 0, count: 1000 }] },
      { rounds: 333, steps: steps(3) },
      { rounds: 1, steps: steps(1) },
      { rounds: 1, steps: [{ node: 4, count: 1000 }] },
      { rounds: 1, steps: [{ node: 5, count: 1000 }] },
    ]);
  });

  it("give y[n] = x[n] + y[n − delay] on JavaScript and WebAssembly, in batches of any size, with rounds that threads share", async () => {
    // What is long enough for several threads.
    const slow = task({ label: "slow", input: "i32", takes: 2 }, (x, y) => {
      let sum = x[0]! + x[1]!;
      for (let i = 0; i < 40; i++) sum = sum ^ i ^ i;
      y[0] = sum;
    });
    for (const [delay, length] of [
      [1, 100],
      [7, 1000],
      [600, 3000],
    ] as const) {
      const of = closed(
        loop(
          Array.from({ length: delay }, (_, at) => at),
          slow,
        ).to(twice),
      );
      const input = Array.from({ length }, (_, at) => (at * 7919) % 1009);
      const sums = input.slice();
      for (let at = 0; at < length; at++) sums[at]! += at < delay ? at : sums[at - delay]!;
      const expected = Int32Array.from(sums, (sum) => 2 * sum);
      for (const iterations of [13, 700, 1 + length]) {
        expect(run(of, input, { iterations })).toEqual(expected);
        expect(await runOn(of, input, { device: webAssembly({ threads: 2 }), iterations })).toEqual(expected);
      }
    }
  });

  it("refuses one without delay, or without enough, and names it", () => {
    expect(() => closed(loop([]))).toThrow(
      "graph: expected enough delay on the cycle join → add → split → join, got a cycle in which nothing can fire",
    );
    const pairs = feedback(rates(4, 4, "four"), { join: [2, 2], share: [2, 2], delay: value("i32", [1]) });
    expect(() => closed(pairs)).toThrow("expected enough delay on the cycle join → four → split → join");
  });

  it("does not take a history's zeros for elements", () => {
    // What comes, what was given last, and what came last: 1 + 0 + 0, 2 + 1 + 1, 3 + 4 + 2.
    const remembering = task({ label: "remember", input: "i32", takes: 2, history: 2 }, (x, y) => {
      y[0] = x[2]! + x[3]! + x[0]!;
    });
    expect([...run(closed(loop([0], remembering)), [1, 2, 3])]).toEqual([1, 4, 9]);
    expect(() => closed(loop([], remembering))).toThrow(
      "expected enough delay on the cycle join → remember → split → join",
    );
  });

  it("refuses a delay of another type and a stream whose ends differ", () => {
    expect(() => feedback(add, { join: [1, 1], share: "duplicate", delay: value("f32", [0]) })).toThrow(
      'delay: expected a value of type i32, got "f32"',
    );
    const other = map({ label: "other", input: "i32", output: "f32" }, (x) => Math.fround(x));
    expect(() => feedback(other, { join: [1, 1], share: "duplicate", delay: value("i32", [0]) })).toThrow(
      "feedback: expected a stream that gives i32, as it takes",
    );
  });
});

describe("running", () => {
  const history = task({ label: "change", input: "i32", history: 3 }, (x, y) => {
    y[0] = x[3]! - x[0]!;
  });
  const all = closed(
    rates(2, 3)
      .to(split([history, twice.to(twice)], { share: [1, 2], join: [1, 2] }))
      .to(feedback(add, { join: [1, 1], share: "duplicate", delay: value("i32", [5]) }))
      .to(relocatable(rates(3, 1))),
  );

  /** The same graph by hand, element by element. */
  const expected = (input: readonly number[]): number[] => {
    const up = Array.from({ length: input.length / 2 }, (_, at) => [
      input[2 * at]! + input[2 * at + 1]!,
      input[2 * at]!,
      input[2 * at]!,
    ]).flat();
    const firsts = up.filter((_, at) => at % 3 === 0);
    const joined = up.map((x, at) => (at % 3 === 0 ? x - (firsts[at / 3 - 3] ?? 0) : 4 * x));
    let sum = 5;
    const sums = joined.map((x) => (sum += x));
    return firsts.map((_, at) => sums[3 * at]! + sums[3 * at + 1]! + sums[3 * at + 2]!);
  };

  it("gives the same for every size of batch and every way to cut the input", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 20 }),
        (numbers, iterations, cuts) => {
          const input = numbers.slice(0, numbers.length - (numbers.length % all.takes));
          const running = start(all, { iterations });
          const pieces: number[] = [];
          let at = 0;
          for (const cut of [...cuts, input.length]) {
            pieces.push(...running.put(input.slice(at, at + cut)));
            at += cut;
          }
          running.finish();
          expect(pieces).toEqual(expected(input));
          expect([...run(all, input)]).toEqual(pieces);
        },
      ),
    );
  });

  it("starts anew each time", () => {
    expect(run(all, [1, 2])).toEqual(run(all, [1, 2]));
  });

  it("refuses elements that are left over, that do not fit, and options that are none", () => {
    expect(() => run(all, [1, 2, 3])).toThrow(
      'input: expected a multiple of 2 elements (an iteration of the graph), got "1 left over"',
    );
    expect(() => run(all, [1, 2 ** 31])).toThrow("input[1]: expected a whole number within ±2^31, got 2147483648");
    expect(() => run(all, Float64Array.of(1, 2.5))).toThrow("input[1]: expected a whole number within ±2^31, got 2.5");
    const floats = graph(
      source("f32")
        .to(map({ label: "f", input: "f32" }, (x) => x))
        .to(sink("f32")),
    );
    expect([...run(floats, [Infinity, NaN])]).toEqual([Infinity, NaN]);
    expect(() => value("f32", { a: 1 } as never)).toThrow(
      "data: expected a number or a list of numbers, got an object",
    );
    expect(() => run(floats, [1, 1e39])).toThrow(
      "input[1]: expected a number of single precision, within ±3.4028234663852886e+38, got 1e+39",
    );
    expect(() => run(all, [], { iterations: 0 })).toThrow(
      "iterations: expected a whole number from 1 to 1048576, got 0",
    );
    expect(() => run(all, [], { batch: 1 } as never)).toThrow('options: expected only iterations, got "batch"');
    expect(() => run({ ...all }, [])).toThrow("graph: expected a graph made by graph()");
  });

  it("records relocation brackets, nested ones too, and computes the same", () => {
    const nested = closed(relocatable(twice.to(relocatable(twice))).to(relocatable(add)));
    expect(nested.nodes.map(({ label, brackets }) => [label, brackets])).toEqual([
      ["source", []],
      ["twice", [0]],
      ["twice", [0, 1]],
      ["add", [2]],
      ["sink", []],
    ]);
    expect(run(nested, [1, 2])).toEqual(run(closed(twice.to(twice).to(add)), [1, 2]));
  });
});

describe("copies", () => {
  it("give what one gives, whatever its rates", () => {
    const rate = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(rate, rate, rate, rate, fc.integer({ min: 1, max: 4 }), (a, b, c, d, count) => {
        const one = rates(a, b).to(split([rates(c, d), rates(c, d)], { share: [1, 2], join: [1, 2] }));
        const side = closed(copies(one, count));
        expect(side.takes).toBe(count * closed(one).takes);
        const input = Array.from({ length: 2 * side.takes }, (_, at) => at * at);
        expect(run(side, input)).toEqual(run(closed(one), input));
      }),
      { numRuns: 30 },
    );
  });

  it("are refused for a stream that remembers, and for one that is not closed", () => {
    const change = task({ label: "change", input: "i32", history: 1 }, (x, y) => {
      y[0] = x[1]! - x[0]!;
    });
    const loop = feedback(add, { join: [1, 1], share: "duplicate", delay: value("i32", [0]) });
    for (const stream of [change, twice.to(change), loop])
      expect(() => copies(stream, 2)).toThrow("stream: expected a stream that remembers nothing: no history, no loop");
    expect(() => copies(source("i32"), 2)).toThrow("stream: expected a stream without a source or a sink");
    expect(() => copies(twice, 0)).toThrow("count: expected a whole number from 1 to 1024, got 0");
  });
});

describe("streams that do not fit are refused", () => {
  it.each([
    [() => source("i32").to(sink("f32")), 'source to sink: expected a stream that takes i32, got "f32"'],
    [() => sink("i32").to(sink("i32")), "sink to sink: expected nothing after a sink"],
    [() => graph(twice), 'graph: expected a stream from a source to a sink, got "twice"'],
    [() => graph({} as never), "graph: expected a source, a sink, a task or a stream made of them"],
    [() => relocatable(source("i32").to(twice)), "relocatable: expected a stream without a source or a sink"],
    [() => split([], { share: "duplicate", join: [] }), "branches: expected one stream or more"],
    [
      () => split([twice], { share: [1, 2], join: [1] }),
      'share: expected "duplicate", or 1 whole numbers, one a branch',
    ],
    [
      () => split([twice], { share: "duplicate", join: [0] }),
      "join[0]: expected a whole number from 1 to 1048576, got 0",
    ],
    [
      () => split([twice, map({ label: "f", input: "f32" }, (x) => x)], { share: "duplicate", join: [1, 1] }),
      'branches[1]: expected i32 to i32, as the first branch, got "f32 to f32"',
    ],
    [() => source("f64" as never), "type: expected one of f32, i32"],
  ])("%s", (make, sentence) => {
    expect(make).toThrow(sentence);
  });
});

describe("pipeline rate", () => {
  it("is what stages do that wait for each other's queues of two iterations", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ firings: fc.integer({ min: 1, max: 9 }), firingS: fc.constantFrom(0.25, 0.5, 1, 3) }), {
          minLength: 1,
          maxLength: 6,
        }),
        (stages) => {
          const iterations = 400;
          // ends[s]: when stage s ended each iteration; it begins when the stage before has ended it and the stage behind has begun to take the one two before.
          const begins = stages.map(() => new Float64Array(iterations));
          const ends = stages.map(() => new Float64Array(iterations));
          for (let i = 0; i < iterations; i++)
            for (const [s, { firings, firingS }] of stages.entries()) {
              const room = s + 1 < stages.length && i >= 2 ? begins[s + 1]![i - 2]! : 0;
              begins[s]![i] = Math.max(i > 0 ? ends[s]![i - 1]! : 0, s > 0 ? ends[s - 1]![i]! : 0, room);
              ends[s]![i] = begins[s]![i]! + firings * firingS;
            }
          const last = ends.at(-1)!;
          const measured = 200 / (last[399]! - last[199]!);
          expect(measured).toBeCloseTo(pipelineRate(stages.map((stage) => ({ ...stage, copies: 1 }))), 9);
        },
      ),
    );
  });

  it("of copies is that of a stage so many times as fast", () => {
    expect(pipelineRate([{ firings: 6, firingS: 1, copies: 3 }])).toBe(0.5);
    expect(() => pipelineRate([{ firings: 1, firingS: 0, copies: 1 }])).toThrow(
      "stages[0].firingS: expected a finite number > 0, got 0",
    );
  });
});

it("the published range is the abstract's", async () => {
  expect(await publishedNativeShare()).toEqual({ min: 0.75, max: 1.4 });
});
