import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random, xoshiro128StarStar } from "../random.ts";
import { fnv1a64, mix64, splitMix64, toBytes } from "../seed.ts";

const draws = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, () => draw());

describe("known answers", () => {
  it("xoshiro128** 1.1 from the state 1, 2, 3, 4 (its authors' C, as in rand_xoshiro's reference test)", () => {
    expect(draws(10, xoshiro128StarStar(Uint32Array.of(1, 2, 3, 4)))).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it("SplitMix64 from 1234567 (as listed at Rosetta Code)", () => {
    expect(draws(5, splitMix64(1234567n))).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
  });

  it("64-bit FNV-1a (draft-eastlake-fnv, appendix C)", () => {
    expect(fnv1a64(toBytes(""))).toBe(0xcbf29ce484222325n);
    expect(fnv1a64(toBytes("a"))).toBe(0xaf63dc4c8601ec8cn);
    expect(fnv1a64(toBytes("foobar"))).toBe(0x85944171f73967e8n);
  });

  it("a number seeds the state with SplitMix64's first two outputs, low words first", () => {
    // seed 0: e220a8397b1dcdaf, 6e789e6aa1b965f4 (splitmix64.c)
    const state = Uint32Array.of(0x7b1dcdaf, 0xe220a839, 0xa1b965f4, 0x6e789e6a);
    expect(draws(4, random(0).bits)).toEqual(draws(4, xoshiro128StarStar(state)));
  });

  it("the streams of a seed do not change between versions", () => {
    const stream = random(42);
    expect([stream.float(), stream.int(1000), stream.normal(), stream.exponential()]).toMatchInlineSnapshot(`
      [
        0.4137016681565887,
        135,
        0.968543537539167,
        0.7394085272397535,
      ]
    `);
    expect(draws(3, random("gcc").split("disk").bits)).toMatchInlineSnapshot(`
      [
        2876226836,
        1707953348,
        3479955060,
      ]
    `);
  });
});

describe("streams", () => {
  it("repeat for the same seed and differ for another", () => {
    expect(draws(8, random(7).bits)).toEqual(draws(8, random(7).bits));
    expect(draws(8, random(7).bits)).not.toEqual(draws(8, random(8).bits));
    expect(draws(8, random(7).bits)).not.toEqual(draws(8, random("7").bits));
  });

  it("split by label alone, whatever was drawn before", () => {
    const fresh = random(1);
    const used = random(1);
    draws(17, used.normal);
    expect(draws(8, used.split("a").bits)).toEqual(draws(8, fresh.split("a").bits));
    const labels = ["a", "b", "ab", "", 1, "1", -1];
    const firsts = labels.map((label) => draws(2, fresh.split(label).bits).join());
    expect(new Set(firsts).size).toBe(labels.length);
    expect(draws(4, fresh.split("a").split("b").bits)).not.toEqual(draws(4, fresh.split("b").split("a").bits));
  });

  it("of neighbouring seeds and of sub-streams are uncorrelated", () => {
    const n = 20_000;
    const pairs = [
      [random(1), random(2)],
      [random(1).split("a"), random(1).split("b")],
      [random(1), random(1).split("a")],
    ] as const;
    for (const [a, b] of pairs) {
      let product = 0;
      for (let i = 0; i < n; i += 1) product += (a.float() - 0.5) * (b.float() - 0.5);
      // The correlation of independent uniforms has the standard deviation 1/√n; five of them.
      expect(Math.abs((product / n) * 12)).toBeLessThan(5 / Math.sqrt(n));
    }
  });

  it("refuse a seed that is neither a whole number nor a text", () => {
    expect(() => random(1.5)).toThrow("seed: expected a whole number or a text, got 1.5");
    expect(() => random(2 ** 53)).toThrow("seed: expected");
  });
});

describe("distributions", () => {
  const n = 100_000;

  it("float lies in [0, 1) and is uniform (χ² of 64 cells below the 99.99 % quantile)", () => {
    const stream = random("float");
    const cells = new Float64Array(64);
    for (let i = 0; i < n; i += 1) {
      const value = stream.float();
      if (!(value >= 0 && value < 1)) throw new Error(`${value} outside`);
      cells[Math.floor(value * 64)]! += 1;
    }
    const expected = n / 64;
    const chi2 = cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi2).toBeLessThan(112.1); // χ²(63) at 0.9999
    expect(chi2).toBeGreaterThan(26.6); // and not suspiciously even: at 0.0001
  });

  it("int has no modulo bias: 3·2^30 of 2^32 would show it", () => {
    const stream = random("int");
    const bound = 3 * 2 ** 30;
    // With a plain remainder the lowest third would come up half of the time.
    const low = draws(n, () => stream.int(bound)).filter((value) => value < bound / 3).length;
    expect(Math.abs(low / n - 1 / 3)).toBeLessThan((5 * Math.sqrt(2 / 9)) / Math.sqrt(n));
  });

  it("int stays within any bound up to 2^53 − 1", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (seed, bound) => {
        const value = random(seed).int(bound);
        return Number.isSafeInteger(value) && value >= 0 && value < bound;
      }),
    );
    expect(() => random(1).int(0)).toThrow("n: expected a whole number >= 1, got 0");
  });

  it("normal has its mean, deviation, and share within one deviation", () => {
    const stream = random("normal");
    const values = draws(n, () => stream.normal(10, 2));
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
    expect(Math.abs(mean - 10)).toBeLessThan((5 * 2) / Math.sqrt(n));
    expect(Math.abs(variance - 4)).toBeLessThan(5 * 4 * Math.sqrt(2 / n));
    const within = values.filter((value) => Math.abs(value - 10) < 2).length / n;
    expect(Math.abs(within - 0.682689)).toBeLessThan((5 * 0.4655) / Math.sqrt(n));
  });

  it("exponential has its mean and no memory", () => {
    const stream = random("exponential");
    const values = draws(n, () => stream.exponential(3));
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / n - 3)).toBeLessThan((5 * 3) / Math.sqrt(n));
    const beyond3 = values.filter((value) => value > 3).length;
    const beyond6 = values.filter((value) => value > 6).length;
    expect(beyond6 / beyond3).toBeCloseTo(Math.exp(-1), 1);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it("shuffle permutes, each order of three as often as the others", () => {
    const stream = random("shuffle");
    const counts = new Map<string, number>();
    for (let i = 0; i < 60_000; i += 1) {
      const order = stream.shuffle([1, 2, 3]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["123", "132", "213", "231", "312", "321"]);
    for (const count of counts.values())
      expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(60_000 * (5 / 36)));
    const items = [1, 2, 3];
    stream.shuffle(items);
    expect(items).toEqual([1, 2, 3]);
  });

  it("pick takes each item, and none from nothing", () => {
    const stream = random("pick");
    expect(new Set(draws(100, () => stream.pick(["a", "b", "c"])))).toEqual(new Set(["a", "b", "c"]));
    expect(() => stream.pick([])).toThrow("items: expected at least one item, got []");
  });
});

it("mix64 is a bijection: no two of many neighbours meet", () => {
  const values = new Set(Array.from({ length: 10_000 }, (_, i) => mix64(BigInt(i))));
  expect(values.size).toBe(10_000);
});
