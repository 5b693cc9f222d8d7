import { describe, expect, it } from "vitest";
import { ANY } from "../code.ts";
import { graph, map, reduce, run, sink, source, type Stream, task, value } from "../index.ts";
import { readTask } from "../language.ts";
import type { ArrayShape } from "../names.ts";
import { wholes } from "./run-stream.ts";

const whole = (f: (x: number) => number): Stream => map({ label: "f", input: "i32" }, f);

const floats = (stream: Stream, input: readonly number[]): number[] => [
  ...run(graph(source("f32").to(stream).to(sink("f32"))), input),
];
const float = (f: (x: number) => number): Stream => map({ label: "f", input: "f32" }, f);

describe("by hand", () => {
  it("rounds every operation to single precision", () => {
    // In double precision, 2^24 + 1 − 2^24 = 1; in single, 2^24 + 1 is 2^24.
    expect(
      floats(
        float((x) => x + 1 - x),
        [2 ** 24],
      ),
    ).toEqual([0]);
    expect(
      floats(
        float((x) => x * 0.1),
        [3],
      ),
    ).toEqual([Math.fround(3 * Math.fround(0.1))]);
    expect(
      floats(
        float((x) => x / 3),
        [1],
      ),
    ).toEqual([Math.fround(1 / 3)]);
    expect(
      floats(
        float((x) => Math.sqrt(x) + Math.abs(-x) + Math.floor(x)),
        [2.25],
      ),
    ).toEqual([5.75]);
  });

  it("wraps whole numbers around", () => {
    expect(
      wholes(
        whole((x) => x + 1),
        [2 ** 31 - 1],
      ),
    ).toEqual([-(2 ** 31)]);
    expect(
      wholes(
        whole((x) => x * x),
        [65537],
      ),
    ).toEqual([131073]);
    expect(
      wholes(
        whole((x) => -x),
        [-(2 ** 31)],
      ),
    ).toEqual([-(2 ** 31)]);
    expect(
      wholes(
        whole((x) => x >>> 0),
        [-1],
      ),
    ).toEqual([-1]);
    expect(
      wholes(
        whole((x) => x >>> 4),
        [-1],
      ),
    ).toEqual([0x0fffffff]);
    expect(
      wholes(
        whole((x) => (~x << 4) | (x >> 1)),
        [5],
      ),
    ).toEqual([-96 | 2]);
  });

  it("takes a whole number as it is written for either type, keeps zeros' signs, and converts by Math.fround alone", () => {
    const halves = map({ label: "half", input: "i32", output: "f32" }, (x) => Math.fround(x) / 2);
    expect([...run(graph(source("i32").to(halves).to(sink("f32"))), [3])]).toEqual([1.5]);
    expect(
      floats(
        float((x) => x * -0),
        [1],
      ),
    ).toEqual([-0]);
  });

  it("converts to whole numbers by dropping the fraction, to the nearest at both ends, and NaN to 0", () => {
    const whole = map({ label: "whole", input: "f32", output: "i32" }, (x) => Math.trunc(x));
    const input = [
      2.75,
      -2.75,
      -0.5,
      2147483520,
      2 ** 31,
      -(2 ** 31),
      -(2 ** 31) - 256,
      1e30,
      Infinity,
      -Infinity,
      NaN,
    ];
    expect([...run(graph(source("f32").to(whole).to(sink("i32"))), input)]).toEqual([
      ...[2, -2, 0, 2147483520, 2147483647, -2147483648, -2147483648],
      ...[2147483647, 2147483647, -2147483648, 0],
    ]);
  });

  it("has sizes, the smaller and the larger of two, for either type", () => {
    const wholeOnes = task({ label: "whole", input: "i32", takes: 2, gives: 3 }, (x, y) => {
      y[0] = Math.abs(x[0]!);
      y[1] = Math.min(x[0]!, x[1]!);
      y[2] = Math.max(x[0]!, x[1]!);
    });
    expect(wholes(wholeOnes, [-3, 2, -(2 ** 31), 5])).toEqual([3, -3, 2, -(2 ** 31), -(2 ** 31), 5]);
    const floatOnes = task({ label: "float", input: "f32", takes: 2, gives: 3 }, (x, y) => {
      y[0] = Math.abs(x[0]!);
      y[1] = Math.min(x[0]!, x[1]!);
      y[2] = Math.max(x[0]!, x[1]!);
    });
    expect(floats(floatOnes, [-1.5, 2, NaN, 1, 1, NaN, -0, 0])).toEqual([
      ...[1.5, -1.5, 2],
      ...[NaN, NaN, NaN],
      ...[1, NaN, NaN],
      ...[0, 0, 0],
    ]);
  });

  it("takes an index between Math.min and Math.max for one that is inside", () => {
    const looked = task(
      { label: "look up", input: "i32", values: { table: value("i32", [5, 6, 7]) } },
      (x, y, { table }) => {
        y[0] = table[Math.max(0, Math.min(x[0]!, 2))]!;
      },
    );
    expect(wholes(looked, [-9, 0, 1, 2, 9])).toEqual([5, 5, 6, 7, 7]);
  });

  it("takes what a function's text leaves open as what is wanted of it", () => {
    expect(
      floats(
        float((x) => (x > 1 ? 1 : 0)),
        [1, 2],
      ),
    ).toEqual([0, 1]);
    expect(
      wholes(
        whole((x) => (x > 1 ? 1 : 0)),
        [1, 2],
      ),
    ).toEqual([0, 1]);
    expect(() => whole((x) => (x > 1 ? 1.5 : 0))).toThrow(
      'a number of type i32 and not a number of type f32 (Math.fround makes an f32, Math.trunc an i32), got "x > 1 ? 1.5 : 0"',
    );
  });

  it("knows how long its input and its values are, and lets functions see numbers among them", () => {
    const sum = task(
      {
        label: "sum",
        input: "f32",
        takes: 3,
        history: 1,
        values: { taps: value("f32", [1, 2]), scale: value("f32", 10) },
      },
      (x, y, { taps, scale }) => {
        const scaled = (a: number): number => a * scale;
        let sum = Math.fround(0);
        for (let i = 0; i < x.length; i++) sum += x[x.length - 1 - i]!;
        for (let i = 0; i < taps.length; i++) sum += scaled(taps[taps.length - 1 - i]!);
        y[0] = sum;
      },
    );
    expect(floats(sum, [1, 2, 3])).toEqual([36]);
  });

  it("knows the constants of Math", () => {
    expect(
      floats(
        float((x) => x * Math.PI - Math.SQRT2),
        [1],
      ),
    ).toEqual([Math.fround(Math.fround(Math.PI) - Math.fround(Math.SQRT2))]);
  });

  it("takes a choice of whole numbers that are written for either type, too", () => {
    expect(
      floats(
        float((x) => (x > 2 ? 1 : x > 1 ? 2 : 3) * x + (x > 2 ? 1 : 0)),
        [1, 2, 3],
      ),
    ).toEqual([3, 4, 4]);
  });

  it("gives zeros where nothing is stored", () => {
    const odd = task({ label: "odd", input: "i32", gives: 2 }, (x, y) => {
      if (x[0]! > 2) y[1] = x[0]!;
      else y[0] = 7;
    });
    expect(wholes(odd, [1, 3, 1])).toEqual([7, 0, 0, 3, 7, 0]);
  });

  it("sees history as zeros at first", () => {
    const change = task({ label: "change", input: "i32", history: 1 }, (x, y) => {
      y[0] = x[1]! - x[0]!;
    });
    expect(wholes(change, [5, 7, 6])).toEqual([5, 2, -1]);
  });

  it("reduces from the first to the last", () => {
    const sum = reduce({ label: "sum", input: "f32", of: 3 }, (a, b) => a + b);
    expect(floats(sum, [1, 2 ** 24, -(2 ** 24)])).toEqual([0]);
    expect(floats(sum, [2 ** 24, -(2 ** 24), 1])).toEqual([1]);
  });

  it("keeps names apart from those of the program that is made", () => {
    const odd = task(
      { label: "names", input: "i32", values: { constructor: value("i32", [3]), toString: value("i32", 4) } },
      (n, k, { constructor, toString }) => {
        const x = n[0]! + constructor[0]!;
        const fround = x + toString;
        k[0] = fround;
      },
    );
    expect(wholes(odd, [1])).toEqual([8]);
  });

  it("keeps a task's functions apart from the names within the library's", () => {
    const named = float((x) => {
      const r = (size: number): number => size + size;
      return Math.sin(r(x)) + Math.exp(r(x)) + Math.log(r(x));
    });
    expect(floats(named, [0.5])[0]).toBeCloseTo(Math.sin(1) + Math.exp(1), 6);
  });

  it("calls functions that call functions", () => {
    const third = map({ label: "nested", input: "i32" }, (x) => {
      const twice = (a: number): number => a + a;
      const four = (a: number): number => twice(twice(a));
      return four(x) + twice(1);
    });
    expect(wholes(third, [5])).toEqual([22]);
  });
});

describe("what is refused, in one sentence with its line", () => {
  const array = { type: "f32", length: 4, range: ANY } as const;
  const around = {
    input: array,
    output: array,
    arrays: new Map<string, ArrayShape>([
      ["table", array],
      ["order", { type: "i32", length: 4, range: { min: 0, max: 4 } }],
    ]),
    numbers: new Map([["n", { type: "i32", value: 4 } as const]]),
  };
  const read = (body: string) => (): unknown => readTask("t", `(x, y, { table, order, n }) => {\n${body}\n}`, around);

  it.each([
    ["y[0] = other;", 'a local number or a value (a task knows nothing outside itself), got "other"'],
    ["y[0] = x[4];", 'an index that is surely from 0 to 3 (it may be 4), got "x[4]"'],
    ["y[0] = x[-1];", 'an index that is surely from 0 to 3 (it may be -1), got "x[-1]"'],
    ["for (let i = 0; i <= 3; i++) y[i] = x[i];", "a loop that counts up: for (let i = from; i < to; i++), got"],
    [
      "for (let i = 0; i < n; i++) y[i] = x[i + 1];",
      'an index that is surely from 0 to 3 (it may be 4), got "x[i + 1]"',
    ],
    ["y[0] = x[order[0]];", 'an index that is surely from 0 to 3 (it may be 4), got "x[order[0]]"'],
    ["let m = 4; for (let i = 0; i < m; i++) y[0] = x[0];", "bounds made of constants, values and inputs, got"],
    ["for (let i = 0; i < 4; i += n - 4) y[i] = 0;", 'a step that is a whole number above 0, got "i += n - 4"'],
    ["for (let i = 0; i < 4; i++) { i = 0; }", 'a name declared by let, got "i"'],
    ["while (true) {}", 'const, let, an assignment, if, or a for loop that counts up, got "while (true) {}"'],
    ["x[0] = 1;", 'an element of the output that is stored: output[i] = …, got "x[0] = 1"'],
    ["y[0] = y[1];", 'an element of the input or of a value (the output is only stored), got "y[1]"'],
    ["table[0] = 1;", 'an element of the output that is stored: output[i] = …, got "table[0] = 1"'],
    [
      "const m = n - 1; y[0] = m;",
      'a number of type f32 and not a number of type i32 (Math.fround makes an f32, Math.trunc an i32), got "m"',
    ],
    [
      "let s = 0; s += x[0];",
      'a number of type i32 and not a number of type f32 (Math.fround makes an f32, Math.trunc an i32), got "s += x[0]"',
    ],
    ["y[0] = x[0] > 0;", 'a number of type f32 and not a truth value, got "x[0] > 0"'],
    ["y[0] = x[0] * 1e39;", 'a number of single precision, got "1e39"'],
    ["y[0] = x[n | 1];", 'an index that is surely from 0 to 3 (it may be 7), got "x[n | 1]"'],
    ["y[0] = x[0] % 2;", "an operator that every device has (no ==, no **, no %, no division of i32), got"],
    ["y[0] = Math.fround(n / 2);", "an operator that every device has (no ==, no **, no %, no division of i32), got"],
    [
      "y[0] = Math.tan(x[0]);",
      'Math\'s fround, trunc, sqrt, abs, floor, sin, cos, exp, log, imul, min, max, got "Math.tan(x[0])"',
    ],
    ["y[0] = Math.random;", 'an element of the input, the output or a value: name[i], got "Math.random"'],
    ["y[0] = fetch(x[0]);", 'a function of this task, declared before, got "fetch(x[0])"'],
    ["const f = (a) => f(a); y[0] = f(x[0]);", 'a function that does not call itself, got "f(a)"'],
    ["const k = x[0]; const f = (a) => a + k; y[0] = f(1);", "a local number or a value"],
    ["const f = (a) => a; y[0] = f(x[0], 1);", 'a function of 2 numbers, got "(a) => a"'],
    ["const x = 1;", 'a name that is not taken, got "x"'],
    ["const a = 'text';", "numbers, their operators, elements, and calls of functions, got \"'text'\""],
    ["var a = 1;", 'const or let, got "var a = 1;"'],
  ])("%s", (body, sentence) => {
    expect(read(body)).toThrow(`task t, line 2: expected ${sentence}`);
  });

  it("a text that is no function, a value that is none, and a label that is missing", () => {
    expect(() => readTask("t", "class {}", around)).toThrow(
      "task t: expected the text of an arrow function or a function",
    );
    expect(() => readTask("t", "(x, y, { k }) => {}", around)).toThrow("one of the task's values (table, order, n)");
    expect(() => readTask("t", "async (x, y) => {}", around)).toThrow("expected a plain function");
    expect(() => task({ label: "", input: "f32" }, () => undefined)).toThrow("label: expected a name");
    expect(() => task({ label: "a", input: "f32", takes: 0 }, () => undefined)).toThrow(
      "takes: expected a whole number from 1",
    );
    const values = { table: Float32Array.of(1) } as never;
    expect(() => task({ label: "a", input: "f32", values }, () => undefined)).toThrow(
      "values.table: expected a value made by value()",
    );
  });
});
