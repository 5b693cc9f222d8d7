import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANY } from "../code.ts";
import { task, value } from "../index.ts";
import { readTask } from "../language.ts";
import { wholes } from "./run-stream.ts";

describe("values", () => {
  it("cannot be changed by anybody", () => {
    const own = [1, 2];
    const kept = value("i32", own);
    own[0] = 9;
    kept.elements()[1] = 9;
    expect([...kept.elements()]).toEqual([1, 2]);
    expect(Object.isFrozen(kept)).toBe(true);
  });

  it("are checked", () => {
    expect(() => value("i32", [1, 2.5])).toThrow(
      "data[1]: expected a whole number from -2147483648 to 2147483647, got 2.5",
    );
    expect(() => value("f32", NaN)).toThrow("data[0]: expected a finite number, got NaN");
    expect(() => value("f64" as never, 1)).toThrow("type: expected one of f32, i32");
    expect(value("f32", 0.1).elements()[0]).toBe(Math.fround(0.1));
    // Half a unit above the largest number is the first that would round to infinity.
    const [largest, half] = [(2 - 2 ** -23) * 2 ** 127, 2 ** 103];
    expect(value("f32", largest + half * (1 - 2 ** -20)).elements()[0]).toBe(largest);
    expect(() => value("f32", [1, -largest - half])).toThrow(
      "data[1]: expected a number of single precision, within ±3.4028234663852886e+38, got -3.4028235677973366e+38",
    );
  });
});

/** A whole expression in x, and what it is by 64-bit arithmetic cut to 32 bits after each step: an independent account of wrapping around. */
interface Term {
  readonly text: string;
  readonly of: (x: bigint) => bigint;
}

const cut = (n: bigint): bigint => BigInt.asIntN(32, n);
const bitwise = (n: bigint): bigint => BigInt.asUintN(32, n);
const leaf = fc.oneof(
  fc.constant<Term>({ text: "x[0]", of: (x) => x }),
  fc.integer({ min: -100, max: 2 ** 31 - 1 }).map((n): Term => ({ text: `(${n})`, of: () => BigInt(n) })),
);
const { term } = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.tuple(tie("term"), tie("term"), fc.constantFrom("+", "-", "*", "&", "|", "^")).map(([a, b, sign]): Term => {
      const operations: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
        "+": (p, q) => p + q,
        "-": (p, q) => p - q,
        "*": (p, q) => p * q,
        "&": (p, q) => p & q,
        "|": (p, q) => p | q,
        "^": (p, q) => p ^ q,
      };
      return { text: `(${a.text} ${sign} ${b.text})`, of: (x) => cut(operations[sign]!(a.of(x), b.of(x))) };
    }),
    fc
      .tuple(tie("term"), fc.integer({ min: 0, max: 31 }), fc.constantFrom("<<", ">>", ">>>"))
      .map(([a, by, sign]): Term => {
        const shift = BigInt(by);
        const shifted = (n: bigint): bigint =>
          sign === "<<" ? n << shift : sign === ">>" ? n >> shift : bitwise(n) >> shift;
        return { text: `(${a.text} ${sign} ${by})`, of: (x) => cut(shifted(a.of(x))) };
      }),
    fc.tuple(tie("term"), tie("term"), fc.constantFrom("min", "max")).map(([a, b, name]): Term => ({
      text: `Math.${name}(${a.text}, Math.abs(${b.text}))`,
      of: (x) => {
        const [p, q] = [a.of(x), b.of(x)];
        const size = cut(q < 0n ? -q : q);
        return p < size === (name === "min") ? p : size;
      },
    })),
    fc.tuple(tie("term"), tie("term"), tie("term")).map(([a, b, c]): Term => ({
      text: `(${a.text} < ${b.text} ? ${c.text} : -${a.text})`,
      of: (x) => (a.of(x) < b.of(x) ? c.of(x) : cut(-a.of(x))),
    })),
  ),
}));

describe("any whole expression", () => {
  it("is what 64-bit arithmetic gives, cut to 32 bits; and lies in the range that was found for it", () => {
    fc.assert(
      fc.property(term, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), ({ text, of }, x) => {
        const whole = { type: "i32", length: 1, range: ANY } as const;
        const source_ = `(x, y) => { y[0] = ${text}; }`;
        const { body } = readTask("t", source_, { input: whole, output: whole, arrays: new Map(), numbers: new Map() });
        const expected = Number(of(BigInt(x)));
        const [store] = body;
        expect(store?.kind).toBe("store");
        if (store?.kind !== "store") return;
        expect(expected).toBeGreaterThanOrEqual(store.value.range.min);
        expect(expected).toBeLessThanOrEqual(store.value.range.max);
        const body_ = Object.assign(() => undefined, { toString: () => source_ });
        expect(wholes(task({ label: "t", input: "i32" }, body_), [x])).toEqual([expected]);
      }),
      { numRuns: 300 },
    );
  });
});
