import { describe, expect, it } from "vitest";
import { compare, type ComparisonInput, type Relation } from "../compare.ts";
import { DISPLAY } from "../display.ts";
import { toRows } from "../table.ts";

const heading = { paper: "selective-paging", title: "Table 3" };
const row: ComparisonInput = {
  quantity: "mcf, HAP",
  unit: "s",
  published: 383,
  source: "Table 3 [paper]",
  relation: "equal",
  reproduced: 383.2,
  tolerance: 2,
  reason: "half-width of the published confidence interval",
};
const verdictOf = (change: Partial<ComparisonInput>): string | undefined =>
  compare(heading, [{ ...row, ...change }]).rows[0]?.verdict;

describe("verdicts", () => {
  it.each<[Relation, number, number, string]>([
    ["equal", 385, 2, "agrees"],
    ["equal", 385.001, 2, "differs"],
    ["equal", 380.999, 2, "differs"],
    ["about", 381, 2, "agrees"],
    ["at most", 100, 0, "agrees"],
    ["at most", 385, 2, "agrees"],
    ["at most", 385.1, 2, "differs"],
    ["at least", 1000, 0, "agrees"],
    ["at least", 381, 2, "agrees"],
    ["at least", 380.9, 2, "differs"],
  ])("%s 383: %d ± %d %s", (relation, reproduced, tolerance, verdict) => {
    expect(verdictOf({ relation, reproduced, tolerance })).toBe(verdict);
  });

  it("a rounding error of the subtraction does not decide", () => {
    expect(100.4 - 100.1).toBeGreaterThan(0.3);
    expect(verdictOf({ published: 100.1, reproduced: 100.4, tolerance: 0.3 })).toBe("agrees");
  });

  it("a share of the published value is a tolerance too", () => {
    const [agrees, differs] = compare(heading, [
      { ...row, published: -200, reproduced: -209, tolerance: { relative: 0.05 } },
      { ...row, published: -200, reproduced: -211, tolerance: { relative: 0.05 } },
    ]).rows;
    expect(agrees).toMatchObject({ tolerance: 10, difference: -9, verdict: "agrees" });
    expect(differs).toMatchObject({ tolerance: 10, difference: -11, verdict: "differs" });
  });

  it("calibration never counts as agreement, even where the numbers are equal", () => {
    const { counts } = compare(heading, [{ ...row, reproduced: 383, role: "calibration" }]);
    expect(counts).toEqual({ agrees: 0, differs: 0, notPublished: 0, calibration: 1 });
  });

  it("what is not published agrees with nothing; what is not reproduced differs", () => {
    expect(verdictOf({ published: null })).toBe("not published");
    expect(verdictOf({ published: null, role: "calibration" })).toBe("not published");
    expect(verdictOf({ reproduced: null })).toBe("differs");
  });
});

describe("the row's contract", () => {
  it("numbers are kept in full, whatever is shown", () => {
    const { [DISPLAY]: display, table, rows } = compare(heading, [{ ...row, analytic: 382.9999 }]);
    const expected = {
      ...{ quantity: "mcf, HAP", unit: "s", published: 383, source: "Table 3 [paper]", relation: "equal" },
      ...{ reproduced: 383.2, analytic: 382.9999, difference: 383.2 - 383, tolerance: 2, reason: row.reason },
      ...{ role: "evidence", verdict: "agrees" },
    };
    expect(rows).toEqual([expected]);
    expect(toRows(table)).toEqual([expected]);
    const text = {
      ...{ published: "383", reproduced: "383.2", analytic: "383.0" },
      ...{ difference: "+0.2", tolerance: "±2", verdict: "✓ agrees" },
    };
    expect(display()["application/vnd.veelab.comparison+json"]).toEqual({ ...heading, rows: [{ ...expected, text }] });
  });

  it.each<[Partial<ComparisonInput>, string]>([
    [{ reproduced: NaN }, "rows[0] (mcf, HAP).reproduced: expected a finite number, got NaN"],
    [{ reproduced: Infinity }, "rows[0] (mcf, HAP).reproduced: expected a finite number, got Infinity"],
    [{ published: NaN }, "rows[0] (mcf, HAP).published: expected a finite number"],
    [{ analytic: -Infinity }, "rows[0] (mcf, HAP).analytic: expected a finite number"],
    [{ tolerance: -1 }, "rows[0] (mcf, HAP).tolerance: expected a finite number >= 0, got -1"],
    [
      { tolerance: undefined as unknown as number },
      "expected a number or { relative } fixed before the run, got undefined",
    ],
    [{ reason: " " }, "rows[0] (mcf, HAP).reason: expected a text that says what it is"],
    [{ source: "" }, "rows[0] (mcf, HAP).source: expected a text"],
    [{ quantity: "" }, "rows[0].quantity: expected a text"],
    [{ published: 0, tolerance: { relative: 0.1 } }, "expected an absolute tolerance (0 is published)"],
    [{ relation: "below" as Relation }, 'relation: expected one of equal, about, at most, at least, got "below"'],
    [{ tolerence: 1 } as object, "rows[0]: expected only quantity"],
  ])("refuses %o", (change, sentence) => {
    expect(() => compare(heading, [{ ...row, ...change }])).toThrow(sentence);
  });

  it("refuses no rows and a nameless paper", () => {
    expect(() => compare(heading, [])).toThrow("rows: expected at least one row, got []");
    expect(() => compare({ paper: "", title: "x" }, [row])).toThrow("paper: expected a text");
  });
});

describe("the display", () => {
  const comparison = compare(heading, [
    row,
    { ...row, quantity: "gcc, DSP", unit: "% of HAP", published: 100.3, reproduced: 101.80004, tolerance: 1.5 },
    {
      ...row,
      quantity: "TLB misses",
      unit: "",
      published: 12539673680,
      reproduced: 12539671234.5,
      relation: "about",
      tolerance: { relative: 0.01 },
    },
    {
      ...row,
      quantity: "DSP over the better",
      unit: "%",
      published: 1,
      reproduced: -0.4,
      relation: "at most",
      tolerance: 0,
    },
    {
      ...row,
      quantity: "<b>rate</b>",
      unit: "1/s",
      published: 1.5e-5,
      reproduced: 2.123456e-5,
      relation: "at least",
      tolerance: 1e-6,
    },
    {
      ...row,
      quantity: "a",
      unit: "ns",
      published: 4,
      reproduced: 4.59,
      relation: "about",
      role: "calibration",
      reason: "fitted",
    },
    { quantity: "b", unit: "ns", published: null, source: "–", relation: "equal", reproduced: 4.59123 },
  ]);
  const bundle = comparison[DISPLAY]();

  it("is an aligned table as text; digits follow the tolerance, and never contradict the verdict", () => {
    expect(bundle["text/plain"]).toMatchInlineSnapshot(`
      "Table 3
      quantity             unit             published      reproduced  difference     tolerance  verdict          source
      ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      mcf, HAP             s                      383           383.2        +0.2            ±2  ✓ agrees         Table 3 [paper]
      gcc, DSP             % of HAP             100.3       101.80004    +1.50004          ±1.5  ✗ differs        Table 3 [paper]
      TLB misses                     ≈ 12,539,673,680  12,539,671,235       −2446  ±125,000,000  ✓ agrees         Table 3 [paper]
      DSP over the better  %                      ≤ 1            −0.4        −1.4            +0  ✓ agrees         Table 3 [paper]
      <b>rate</b>          1/s               ≥ 1.5e−5        2.123e−5   +6.235e−6         −1e−6  ✓ agrees         Table 3 [paper]
      a                    ns                     ≈ 4             4.6        +0.6            ±2  ∘ calibration    Table 3 [paper]
      b                    ns           not available           4.591                            – not published  –
      4 agree, 1 differ, 1 not published, 1 used for calibration."
    `);
  });

  it("is a table in HTML with everything escaped and no colour of its own for text", () => {
    const html = bundle["text/html"] as string;
    expect(html).toContain("&lt;b&gt;rate&lt;/b&gt;");
    expect(html).not.toContain("<b>");
    expect(html.match(/<tr>/g)).toHaveLength(8);
    expect(html).toContain("reason for the tolerance");
    expect(html.match(/(?<!background-)color:(?!inherit)/g)).toBeNull();
  });

  it("is the same without a paper, but nothing for a report", () => {
    expect(bundle["application/vnd.veelab.comparison+json"]).toMatchObject(heading);
    const example = compare({ title: heading.title }, [row]);
    expect(example.paper).toBeUndefined();
    expect(Object.keys(example[DISPLAY]())).toEqual(["text/plain", "text/html"]);
  });

  it("leaves out a column that says nothing", () => {
    expect(bundle["text/plain"]).not.toContain("analytic");
    expect(compare(heading, [{ ...row, analytic: 1 }])[DISPLAY]()["text/plain"]).toContain("analytic");
  });

  it("of nothing published says that the numbers are simulated", () => {
    const nothing = compare(heading, [{ ...row, published: null, source: "–" }])[DISPLAY]();
    expect(nothing["text/plain"]).toMatch(/published +simulated +tolerance/u);
    expect(nothing["text/plain"]).toMatch(/\n1 not published\.$/u);
    expect(nothing["text/html"]).not.toContain("reproduced");
  });

  it("is the same at every call", () => {
    expect(comparison[DISPLAY]()).toEqual(bundle);
  });
});
