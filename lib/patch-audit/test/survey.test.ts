import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stream } from "../../../datasets/index.ts";
import { allChanged, survey, type UpdatedFile, updatedFiles, withoutDocumentation, withoutManuals } from "../index.ts";

const file = (of: string, kind: string, change = "changed"): UpdatedFile => ({
  ...{ package: of, source: of, suite: "bookworm-security", path: `${of}-${kind}`, kind, change },
});

describe("by hand", () => {
  it("the three rules on openssl and perl-base as the fact sheet counts them", () => {
    const repeat = (count: number, of: string, kind: string) => Array.from({ length: count }, () => file(of, kind));
    // openssl: 195 changed, 1 of them ELF, 190 manuals, 3 in usr/share/doc, 1 script. perl-base: 7 changed, 4 of them ELF.
    const files = [
      ...[
        repeat(1, "openssl", "program"),
        repeat(190, "openssl", "manual"),
        repeat(3, "openssl", "documentation"),
      ].flat(),
      ...[repeat(1, "openssl", "script"), repeat(4, "perl-base", "library"), repeat(1, "perl-base", "script")].flat(),
      ...[repeat(1, "perl-base", "manual"), repeat(1, "perl-base", "documentation")].flat(),
      file("perl-base", "script", "unchanged"),
      file("perl-base", "script", "added"),
    ];
    const options = { seed: 1, resamples: 10 };
    // 202 files, 5 with code.
    expect(survey(files, allChanged, options)).toMatchObject({ packages: 2, files: 202, nonBinary: 197 });
    expect(survey(files, withoutDocumentation, options)).toMatchObject({ files: 198, nonBinary: 193 });
    const { sharePct, medianPct, largestPackagePct } = survey(files, withoutManuals, options);
    // openssl 1 of 2, perl-base 1 of 5: together 2 of 7; the median package (50 + 20) / 2.
    expect(sharePct).toBeCloseTo(200 / 7, 9);
    expect(medianPct).toBeCloseTo(35, 9);
    expect(largestPackagePct).toBeCloseTo(500 / 7, 9);
  });

  it("no file that counts is an error, not 0 %", () => {
    expect(() => survey([file("a", "manual")], withoutManuals, { seed: 1 })).toThrow("no file counts");
  });
});

describe("properties", () => {
  const packages = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 2, maxLength: 12 });
  const files = (list: readonly (readonly [number, number])[]): UpdatedFile[] =>
    list.flatMap(([programs, scripts], at) => [
      ...Array.from({ length: programs }, () => file(String(at), "program")),
      ...Array.from({ length: scripts + 1 }, () => file(String(at), "script")),
    ]);

  it("the interval holds the share's resamples, whatever the packages; equal packages have no interval", () => {
    fc.assert(
      fc.property(packages, (list) => {
        const { lowPct, highPct, sharePct } = survey(files(list), allChanged, { seed: 1, resamples: 200 });
        const shares = list.map(([programs, scripts]) => (100 * (scripts + 1)) / (programs + scripts + 1));
        expect(lowPct).toBeGreaterThanOrEqual(Math.min(...shares) - 1e-9);
        expect(highPct).toBeLessThanOrEqual(Math.max(...shares) + 1e-9);
        expect(lowPct).toBeLessThanOrEqual(highPct);
        expect(sharePct).toBeLessThanOrEqual(Math.max(...shares) + 1e-9);
      }),
      { numRuns: 50 },
    );
    const same = survey(
      files([
        [3, 4],
        [3, 4],
        [3, 4],
      ]),
      allChanged,
      { seed: 1, resamples: 50 },
    );
    expect(same.highPct - same.lowPct).toBeLessThan(1e-9);
  });
});

describe("analytic", () => {
  it("the bootstrap's interval is the ratio estimator's", () => {
    // 200 packages of one file each, 60 % without code: the share is a proportion, its standard error √(p(1-p)/n).
    const list = Array.from({ length: 200 }, (_, at) => file(String(at), at < 120 ? "script" : "program"));
    const { lowPct, highPct } = survey(list, allChanged, { seed: 2, resamples: 4000 });
    const halfPct = 100 * 1.96 * Math.sqrt((0.6 * 0.4) / 200);
    // 4000 resamples give a percentile to about 0.15 points here, three times that; and files come in steps of 0.5, half of one.
    expect(Math.abs(lowPct - (60 - halfPct))).toBeLessThan(0.7);
    expect(Math.abs(highPct - (60 + halfPct))).toBeLessThan(0.7);
  });
});

describe("real packages", () => {
  it("the shipped pairs, counted again by a query of their own", { timeout: 60_000 }, async () => {
    const files = await updatedFiles(stream("packages/security-updates"));
    const { query } = await import("../../../datasets/index.ts");
    const table = await query(
      `select count(*) as files, count(*) filter (kind not in ('program', 'library', 'object')) as nonBinary
       from "packages/security-updates" where change = 'changed' and kind not in ('documentation', 'manual')`,
    );
    const row = table.get(0)!.toJSON() as { files: number | bigint; nonBinary: number | bigint };
    expect(survey(files, withoutManuals, { seed: 1, resamples: 10 })).toMatchObject({
      files: Number(row.files),
      nonBinary: Number(row.nonBinary),
    });
  });
});
