import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { compareVersions } from "../debian-version.ts";

describe("Debian versions", () => {
  it("by hand: the examples of deb-version(7) and Debian Policy 5.6.12", () => {
    const older = (a: string, b: string) => {
      expect(compareVersions(a, b)).toBeLessThan(0);
      expect(compareVersions(b, a)).toBeGreaterThan(0);
    };
    older("1.0~rc1", "1.0");
    older("1.0-9", "1.0-10");
    older("9.0", "1:1.0");
    older("1.0", "1.0+b1");
    older("1.0a", "1.0+");
    older("3.0.20-1~deb12u1", "3.0.20-1");
    expect(compareVersions("1.0-0", "1.0")).toBe(0);
    expect(compareVersions("1.00", "1.0")).toBe(0);
  });

  it.skipIf(!tool("dpkg", ["--version"]))("as dpkg compares them", { timeout: 60_000 }, () => {
    const part = fc.string({ unit: fc.constantFrom("0", "0", "1", "9", "a", "Z", ".", "+", "~"), maxLength: 6 });
    const version = fc
      .tuple(
        fc.constantFrom("", "0:", "2:"),
        fc.constantFrom("1", "01", "10"),
        part,
        fc.constantFrom("", "-1", "-1~", "-1+b1"),
      )
      .map((parts) => parts.join(""));
    const dpkg = (a: string, relation: string, b: string): boolean =>
      spawnSync("dpkg", ["--compare-versions", a, relation, b]).status === 0;
    fc.assert(
      fc.property(version, version, (a, b) => {
        const difference = compareVersions(a, b);
        const relation = difference < 0 ? "lt" : difference > 0 ? "gt" : "eq";
        expect(dpkg(a, relation, b), `${a} ${relation} ${b}`).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
