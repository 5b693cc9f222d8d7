import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { packageRoot } from "../../package-root.ts";
import { shortCitation } from "../report/about.ts";
import { changesBetween, changesText } from "../report/changes.ts";
import { readComparison, type Comparison } from "../report/comparison.ts";
import { readDataPackage } from "../report/data-package.ts";
import { papersOf } from "../report/paper.ts";
import { readRecorded, writeRecorded, type Recorded } from "../report/report-file.ts";
import { committedPapers, verdictTable, withVerdicts } from "../report/verdict-table.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "veelab-report-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A comparison with a row for each quantity: its published and its reproduced number. */
function comparison(title: string, rows: Record<string, readonly [number | null, number]>): Comparison {
  return readComparison({
    ...{ paper: "one", title },
    rows: Object.entries(rows).map(([quantity, [published, reproduced]]) => ({
      ...{
        quantity,
        unit: "s",
        published,
        source: "Table 1",
        relation: "equal",
        reproduced,
        tolerance: 1,
        reason: "r",
      },
      verdict: published !== null && Math.abs(reproduced - published) <= 1 ? "agrees" : "differs",
    })),
  });
}

const recorded = (comparisons: readonly Comparison[], more: Partial<Recorded> = {}): Recorded => ({
  made: "2026-01-02T03:04:05.678Z",
  environment: [["Node", "20.19.0"]],
  datasets: [{ name: "a", hash: "sha256:1" }],
  comparisons,
  ...more,
});

describe("the report of another run", () => {
  it("says what is other, new and gone, and nothing of what is the same", () => {
    const before = recorded([comparison("t", { same: [1, 1], verdict: [1, 1.5], number: [1, 1.25], gone: [1, 1] })]);
    const after = recorded([comparison("t", { fresh: [1, 1], verdict: [1, 9], number: [1, 1.5], same: [1, 1] })], {
      environment: [
        ["Node", "22.0.0"],
        ["commit", "abc"],
      ],
      datasets: [
        { name: "a", hash: "sha256:2" },
        { name: "b", hash: "sha256:3" },
      ],
    });
    const changes = changesBetween(before, after);
    const said = changes.rows.map(({ quantity, before: was, after: is }) => [quantity, was?.verdict, is?.verdict]);
    expect(said).toEqual([
      ["fresh [s]", undefined, "agrees"],
      ["verdict [s]", "agrees", "differs"],
      ["number [s]", "agrees", "agrees"],
      ["gone [s]", "agrees", undefined],
    ]);
    expect(changes.environment).toEqual([
      ["Node", "20.19.0", "22.0.0"],
      ["commit", "", "abc"],
    ]);
    expect(changes.datasets).toEqual(["a", "b"]);
    expect(changesText(changes)).toBe(
      "Since the report of 2026-01-02 03:04 UTC: verdicts changed: 1; numbers changed under the same verdict: 1; new: 1; no longer there: 1.",
    );
    expect(changesText(changesBetween(after, after))).toContain("no verdict and no number has changed");
  });

  it("tells rows of one name apart by their order", () => {
    const twice = (second: number): Comparison => {
      const [first, other] = [comparison("t", { q: [1, 1] }), comparison("t", { q: [2, second] })];
      return { ...first, rows: [...first.rows, ...other.rows] };
    };
    const { rows } = changesBetween(recorded([twice(2)]), recorded([twice(2.5)]));
    expect(rows.map(({ before, after }) => [before?.reproduced, after?.reproduced])).toEqual([[2, 2.5]]);
  });

  it("is read as it was written, calibration and what was not published included", async () => {
    const rows = comparison("t", { a: [1, 1], b: [null, 3], c: [1, 7] });
    const fitted = readComparison({
      paper: "one",
      title: "fit",
      rows: [{ quantity: "k", published: 2, role: "calibration" }],
    });
    const report = recorded([rows, fitted]);
    await writeRecorded(folder, report);
    expect(await readRecorded(folder)).toEqual(report);
    expect(fitted.rows[0]?.verdict).toBe("calibration");
    expect(await readRecorded(join(folder, "none"))).toBeUndefined();
    await writeFile(join(folder, "report.json"), '{ "made": "2026-');
    expect(await readRecorded(folder)).toBeUndefined();
  });
});

describe("a data package", () => {
  it("is hashed anew: a changed and a missing file are seen", async () => {
    await mkdir(join(folder, "data"));
    await writeFile(join(folder, "data/a.csv"), "x\n1\n");
    await writeFile(join(folder, "data/b.csv"), "changed");
    const hash = `sha256:${createHash("sha256").update("x\n1\n").digest("hex")}`;
    const resource = { title: "T", sources: [{ title: "S" }, { title: "U" }], licenses: [{ name: "CC0-1.0" }], hash };
    const resources = ["a", "b", "c"].map((name) => ({ ...resource, name, path: `data/${name}.csv` }));
    await writeFile(join(folder, "datapackage.json"), JSON.stringify({ resources }));
    const datasets = await readDataPackage(join(folder, "datapackage.json"));
    expect(datasets[0]).toEqual({
      ...{ name: "a", title: "T", source: "S; U", licence: "CC0-1.0", bytes: 4, hash, asRecorded: true },
    });
    expect(datasets.map(({ asRecorded }) => asRecorded)).toEqual([true, false, false]);
    expect(datasets[2]).toMatchObject({ hash: "", bytes: 0 });
    expect(await readDataPackage(join(folder, "none.json"))).toEqual([]);
  });
});

describe("the README's table of verdicts", () => {
  it("is that of the committed notebooks: else node docs/verdicts.mjs writes it", async () => {
    const readme = await readFile(join(packageRoot(), "README.md"), "utf8");
    const papers = await committedPapers(join(packageRoot(), "notebooks"));
    expect(papers.length).toBeGreaterThanOrEqual(10);
    for (const { name, notebooks } of papers)
      expect(notebooks[0]?.about.result, `${name}: a cell of text with the tag result`).not.toBe("");
    expect(readme).toBe(withVerdicts(readme, verdictTable(papers)));
    expect(withVerdicts(readme, "other")).not.toBe(readme);
    expect(() => withVerdicts("no marks", "t")).toThrow("expected <!-- verdicts");
  });

  it("names authors as is usual, and keeps a table's columns", () => {
    const cite = (who: string): string => `${who}: *A title.* VEE 2011, pp. 1–2, [doi:10.1/2](https://doi.org/10.1/2).`;
    const rest = "[*A title*](p), [10.1/2](https://doi.org/10.1/2)";
    expect(shortCitation(cite("D. F. Bacon"), "p")).toBe(`Bacon, ${rest}`);
    expect(shortCitation(cite("L. Litty, D. Lie"), "p")).toBe(`Litty and Lie, ${rest}`);
    expect(shortCitation(cite("J. Zheng, T. S. E. Ng, K. S"), "p")).toBe(`Zheng et al., ${rest}`);
    const old =
      "A. One: *T.* J 1, 1990, [doi:10.1016/0304-3975(90)90147-A](https://doi.org/10.1016/0304-3975(90)90147-A).";
    expect(shortCitation(old, "p")).toBe(
      "One, [*T*](p), [10.1016/0304-3975(90)90147-A](https://doi.org/10.1016/0304-3975(90)90147-A)",
    );
    expect(shortCitation("See [this](https://doi.org/10.1/2).", "p")).toBeUndefined();
    const about = { citation: "", result: "one | two\nthree." };
    const results = { name: "n", title: "N", comparisons: [comparison("t", { a: [1, 1], b: [1, 9] })], about };
    expect(
      verdictTable(papersOf([results]))
        .split("\n")
        .at(-1),
    ).toBe("| [N](notebooks/n.ipynb) | 1 | 1 | 0 | 0 | one \\| two three |");
  });
});
