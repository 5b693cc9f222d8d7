import { describe, expect, it } from "vitest";
import { isVeelabError, type OptionError } from "../errors.ts";
import { finite, fraction, integer, nonNegative, oneOf, onlyOptions, positive, powerOfTwo } from "../options.ts";

describe("options are refused with one sentence", () => {
  it.each([
    [() => positive("bandwidthMbps", -1), "bandwidthMbps: expected a finite number > 0, got -1"],
    [() => positive("bandwidthMbps", Infinity), "bandwidthMbps: expected a finite number > 0, got Infinity"],
    [() => positive("bandwidthMbps", "10"), 'bandwidthMbps: expected a finite number > 0, got "10"'],
    [() => positive("bandwidthMbps", undefined), "bandwidthMbps: expected a finite number > 0, got undefined"],
    [() => nonNegative("costS", NaN), "costS: expected a finite number >= 0, got NaN"],
    [() => finite("offsetS", -Infinity), "offsetS: expected a finite number, got -Infinity"],
    [() => fraction("share", 1.01), "share: expected a number from 0 to 1, got 1.01"],
    [() => integer("ways", 2.5, { min: 1, max: 64 }), "ways: expected a whole number from 1 to 64, got 2.5"],
    [() => integer("ways", 0, { min: 1 }), "ways: expected a whole number >= 1, got 0"],
    [() => integer("ways", 9, { max: 8 }), "ways: expected a whole number <= 8, got 9"],
    [() => integer("ways", 2 ** 53), "ways: expected a whole number, got 9007199254740992"],
    [() => powerOfTwo("sets", 12), "sets: expected a power of two, got 12"],
    [() => powerOfTwo("sets", 0.5), "sets: expected a power of two, got 0.5"],
    [() => oneOf("replacement", "mru", ["lru", "fifo"]), 'replacement: expected one of lru, fifo, got "mru"'],
    [
      () => {
        onlyOptions({ rtMs: 1 }, ["rttMs"]);
      },
      'options: expected only rttMs, got "rtMs"',
    ],
    [
      () => {
        onlyOptions(3, ["rttMs"], "link");
      },
      "link: expected an object with rttMs, got 3",
    ],
  ])("%#", (refuse, sentence) => {
    expect(refuse).toThrow(sentence);
  });

  it("and accepted as they are", () => {
    expect([positive("a", 0.5), nonNegative("a", 0), finite("a", -3), fraction("a", 1), integer("a", -4)]).toEqual([
      0.5, 0, -3, 1, -4,
    ]);
    for (let power = 0; power <= 52; power += 1) expect(powerOfTwo("a", 2 ** power)).toBe(2 ** power);
    expect(oneOf("mode", 2, [1, 2])).toBe(2);
    onlyOptions(undefined, []);
    onlyOptions({ a: 1 }, ["a", "b"]);
  });

  it("as veelab's own errors", () => {
    try {
      positive("x", 0);
      expect.unreachable();
    } catch (error) {
      expect(isVeelabError(error)).toBe(true);
      expect((error as OptionError).option).toBe("x");
    }
  });
});
