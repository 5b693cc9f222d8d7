import { describe, expect, it } from "vitest";
import { decimalsOf, formatFixed, formatSignificant } from "../format.ts";
import { cyclesToSeconds, formatBytes, formatSeconds, GB, GIB, KB, KIB, MB, MIB, secondsToCycles } from "../units.ts";

describe("numbers as text", () => {
  it.each([
    [0, 1, "0.0"],
    [-0.04, 1, "0.0"],
    [-0.4, 1, "−0.4"],
    [1234, 0, "1234"],
    [12345.678, 1, "12,345.7"],
    [-12539673680.4, 0, "−12,539,673,680"],
    [1.5e15, 2, "1.5e15"],
    [NaN, 2, "NaN"],
    [-Infinity, 2, "−∞"],
  ])("formatFixed(%d, %i) is %s", (value, decimals, text) => {
    expect(formatFixed(value, decimals)).toBe(text);
  });

  it.each([
    [0, 4, "0"],
    [99.8471, 4, "99.85"],
    [9.9996, 4, "10"],
    [0.000123456, 3, "0.000123"],
    [0.0000102216, 3, "1.02e−5"],
    [1e-7, 4, "1e−7"],
    [123456, 4, "123,456"],
    [-2.5e20, 4, "−2.5e20"],
  ])("formatSignificant(%d, %i) is %s", (value, digits, text) => {
    expect(formatSignificant(value, digits)).toBe(text);
  });

  it("decimals as written", () => {
    expect([383, 100.34, 1e-7, 2.5e-7, 1e21, 0].map(decimalsOf)).toEqual([0, 2, 7, 8, 0, 0]);
  });
});

describe("units", () => {
  it("binary and decimal prefixes", () => {
    expect([KIB, MIB, GIB]).toEqual([1024, 1048576, 1073741824]);
    expect([KB, MB, GB]).toEqual([1000, 1000000, 1000000000]);
  });

  it.each([
    [383, "383 s"],
    [0.99999, "1 s"],
    [0.0102, "10.2 ms"],
    [4.59e-9, "4.59 ns"],
    [1e-12, "0.001 ns"],
    [0, "0 s"],
    [-1.5e-6, "−1.5 µs"],
  ])("%d s is %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it("bytes", () => {
    expect(formatBytes(4096)).toBe("4 KiB");
    expect(formatBytes(4096, "SI")).toBe("4.096 kB");
    expect(formatBytes(3 * GIB)).toBe("3 GiB");
    expect(formatBytes(0)).toBe("0 B");
    expect(formatBytes(1048575.9)).toBe("1 MiB");
  });

  it("cycles and seconds are inverse", () => {
    expect(cyclesToSeconds(2.8e9, 2.8)).toBe(1);
    expect(secondsToCycles(cyclesToSeconds(2000, 2.8), 2.8)).toBeCloseTo(2000, 9);
    expect(() => cyclesToSeconds(1, 0)).toThrow("clockGhz: expected a finite number > 0, got 0");
  });
});
