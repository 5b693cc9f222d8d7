import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { DistinctCounter, hashOf } from "../distinct.ts";
import { zipf } from "../generate/zipf.ts";
import { TypedReuseSample } from "../../bench/reference/typed-reuse-sample.ts";
import { ReuseSample } from "../reuse-sample.ts";

/** Misses of an LRU cache, by a list: the definition. */
function lruMisses(keys: readonly number[], entries: number): number {
  const list: number[] = [];
  let misses = 0;
  for (const key of keys) {
    const at = list.indexOf(key);
    if (at >= 0) list.splice(at, 1);
    else misses += 1;
    list.unshift(key);
    if (at < 0 && list.length > entries) list.pop();
  }
  return misses;
}

describe("reuse distances", () => {
  it("by hand: a b c a a b", () => {
    // Distances: a, b, c cold; a 2 (b, c); a 0; b 2 (c, a). An LRU cache of 1 entry hits once, of 3 three times.
    const sample = new ReuseSample();
    for (const key of [1, 2, 3, 1, 1, 2]) sample.use(key);
    const ratios = sample.missRatios();
    expect(ratios[0]).toEqual({ entries: 1, missRatio: 5 / 6 });
    expect(ratios.at(-1)).toEqual({ entries: 3, missRatio: 3 / 6 });
    expect(sample.distinct).toBe(3);
  });

  it("a repeat counts as a use at distance 0", () => {
    const [one, two] = [new ReuseSample(), new ReuseSample()];
    for (const key of [5, 5, 5, 6, 5, 5]) one.use(key);
    two.use(5, 3);
    two.use(6);
    two.use(5, 2);
    expect(two.missRatios()).toEqual(one.missRatios());
  });

  it("give the misses of an LRU cache of every size that is listed, also when places are numbered anew", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12), { minLength: 1, maxLength: 400 }), (keys) => {
        // Room for 64 places: long lists make it start over.
        const sample = new ReuseSample(16);
        for (const key of keys) sample.use(key);
        expect(sample.exact).toBe(true);
        for (const { entries, missRatio } of sample.missRatios())
          expect(missRatio * keys.length).toBeCloseTo(lruMisses(keys, entries), 6);
      }),
    );
  });

  it("are those of the reference in TypeScript, exact and sampled, to the last bit", () => {
    const key = fc.oneof(fc.nat(20), fc.nat(300), fc.maxSafeNat());
    const uses = fc.array(fc.tuple(key, fc.constantFrom(1, 1, 1, 5)), { minLength: 1, maxLength: 2000 });
    fc.assert(
      fc.property(uses, fc.integer({ min: 8, max: 80 }), (list, most) => {
        const [ours, typed] = [new ReuseSample(most), new TypedReuseSample(most)];
        const [keys, times] = [0, 1].map((at) => Float64Array.from(list, (use) => use[at as 0 | 1]));
        ours.useAll({ keys: keys!, times: times!, rows: new Int32Array(0), count: list.length, hasObjects: false });
        for (const [each, count] of list) typed.use(each, count);
        expect(ours.missRatios()).toEqual(typed.missRatios());
        expect([ours.rate, ours.distinct]).toEqual([typed.rate, typed.distinct]);
        expect([0.01, 0.1, 0.5].map((share) => ours.shareOfHottest(share))).toEqual(
          [0.01, 0.1, 0.5].map((share) => typed.shareOfHottest(share)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("are close when sampled: Zipf over 200,000 keys, 4096 of them followed", () => {
    const draw = zipf(random(3), 200_000, 0.9);
    const exact = new ReuseSample(262_144);
    const sampled = new ReuseSample(4096);
    for (let at = 0; at < 400_000; at += 1) {
      const key = draw();
      exact.use(key);
      sampled.use(key);
    }
    expect(sampled.exact).toBe(false);
    expect(exact.exact).toBe(true);
    const ratioAt = (of: ReuseSample) => {
      const curve = of.missRatios();
      return (size: number) => curve.reduce((last, ratio) => (ratio.entries <= size ? ratio.missRatio : last), 1);
    };
    const [truth, estimate] = [ratioAt(exact), ratioAt(sampled)];
    // As in the paper, over evenly spaced sizes; it reports mean errors around 0.01 at 8192 keys. Half the keys and the width of
    // a bucket allow three times that.
    const sizes = Array.from({ length: 100 }, (_, at) => ((at + 1) * exact.distinct) / 100);
    const errors = sizes.map((size) => Math.abs(truth(size) - estimate(size)));
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.03);
    expect(sampled.distinct / exact.distinct).toBeGreaterThan(0.9);
    expect(sampled.distinct / exact.distinct).toBeLessThan(1.1);
  });
});

describe("different keys", () => {
  it.each([1, 10, 1000, 20_000, 1_000_000])("%d are counted within four standard errors", (count) => {
    const counter = new DistinctCounter();
    for (let key = 0; key < count; key += 1) {
      counter.add(hashOf(key * 7));
      counter.add(hashOf(key * 7));
    }
    expect(Math.abs(counter.count() / count - 1)).toBeLessThan(4 * 0.033);
  });

  it("counters merge as if one had seen all", () => {
    const [a, b, all] = [new DistinctCounter(), new DistinctCounter(), new DistinctCounter()];
    for (let key = 0; key < 5000; key += 1) {
      (key % 3 === 0 ? a : b).add(hashOf(key));
      all.add(hashOf(key));
    }
    a.merge(b);
    expect(a.count()).toBe(all.count());
  });
});
