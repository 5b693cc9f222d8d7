import { describe, expect, it } from "vitest";
import { bars, heatmap, lines, PALETTE, panels, scatter } from "../chart.ts";
import { fromRows, type Row } from "../table.ts";
import { draw, count, marks, modes, barsOptions } from "./drawn.ts";

describe("bars", () => {
  it("and lines say simulated where no paper printed a number", () => {
    const ends = { low: "model", high: "model" };
    const about = { title: "t", y: barsOptions.y, simulated: "model" };
    const charts = [
      bars(modes.slice(0, 1), { ...about, x: barsOptions.x, interval: ends }),
      lines(modes, { ...about, x: { field: "model", title: "x", unit: "" }, band: ends }),
    ];
    const keys = charts.map(({ title }) => (title as { subtitle?: string[] }).subtitle?.at(-1));
    expect(keys).toEqual([
      "■ simulated · thick whisker: interval of the simulated value",
      "— simulated · band: range of the simulated values",
    ]);
    for (const chart of charts) expect(JSON.stringify(chart)).not.toContain("reproduced");
  });

  it("draw a filled bar a reproduced value, and a hollow point with a whisker a published one", async () => {
    const svg = await draw(bars(modes, barsOptions));
    expect(marks(svg, "rect")).toBe(9);
    expect(marks(svg, "symbol")).toBe(6);
    expect(marks(svg, "rule")).toBe(6);
    expect(svg).toContain("run time (% of HAP)");
    expect(svg).toContain("■ reproduced · ○ published ± tolerance");
  });

  it("take an Arrow table as well as rows", () => {
    expect(bars(fromRows(modes), barsOptions)).toEqual(bars(modes, barsOptions));
  });

  it("name all of 29 long benchmarks on the axis", async () => {
    const names = Array.from({ length: 29 }, (_, i) => `benchmark-${i}`);
    const svg = await draw(
      bars(
        names.map((benchmark) => ({ benchmark, model: 100 })),
        { ...{ title: "all", x: barsOptions.x, y: barsOptions.y, reproduced: "model" } },
      ),
    );
    for (const name of names) expect(svg).toContain(`>${name}<`);
  });

  it("hold the published values alone as hollow bars", async () => {
    const svg = await draw(
      bars(modes, {
        ...{ title: "paper", x: barsOptions.x, y: barsOptions.y, series: barsOptions.series },
        published: "paper",
      }),
    );
    expect(count(svg, /<path [^>]*fill="#FFFFFF"[^>]*stroke="#(?:0072B2|E69F00|009E73)"/g)).toBeGreaterThanOrEqual(6);
    expect(svg).toContain("□ published");
  });

  it("write the value over a bar that the axis cuts off", async () => {
    const svg = await draw(bars(modes, { ...barsOptions, y: { ...barsOptions.y, domain: [80, 105] } }));
    expect(count(svg, />1(?:10|11|12)</g)).toBe(3);
  });

  it("begin at zero unless the axis is given", async () => {
    expect(await draw(bars(modes, barsOptions))).toContain(">0<");
  });

  it("draw intervals, analytic values and one labelled reference", async () => {
    const rows = modes.map((row) => ({ ...row, low: 80, high: 120, exact: 100, half: 2 }));
    const svg = await draw(
      bars(rows, {
        ...barsOptions,
        ...{ tolerance: "half", interval: { low: "low", high: "high" }, analytic: "exact" },
        reference: { value: 100, label: "HAP only" },
      }),
    );
    expect(count(svg, />HAP only</g)).toBe(1);
    expect(marks(svg, "symbol")).toBe(6 + 9);
    expect(marks(svg, "rule")).toBe(9 + 6 + 1);
  });

  it("keep a name's colour by its place in the given order, whatever else is drawn", async () => {
    const order = ["HAP", "SP", "DSP"];
    const only = modes.filter((row) => row["mode"] === "DSP");
    const svg = await draw(bars(only, { ...barsOptions, series: { ...barsOptions.series, order } }));
    expect(svg).toContain(PALETTE[2]);
    expect(svg).not.toContain(`fill="${PALETTE[0] ?? ""}"`);
  });

  it.each<[string, () => unknown, string]>([
    [
      "a missing column",
      () => bars(modes, { ...barsOptions, published: "papr" }),
      'data: expected a column papr, got ["benchmark", "mode", "model", "paper"]',
    ],
    ["no rows", () => bars([], barsOptions), "data: expected at least one row, got []"],
    [
      "a value that is not finite",
      () => bars([{ benchmark: "a", mode: "b", model: Infinity, paper: 1 }], barsOptions),
      "data[0].model: expected a finite number or null, got Infinity",
    ],
    [
      "a text where a number is drawn",
      () => bars([{ benchmark: "a", mode: "b", model: "oops", paper: 1 }], barsOptions),
      'data[0].model: expected a finite number or null, got "oops"',
    ],
    ["a misspelt option", () => bars(modes, { ...barsOptions, titel: "x" } as never), 'got "titel"'],
    [
      "an axis without its unit",
      () => bars(modes, { ...barsOptions, y: { title: "time" } as never }),
      "y.unit: expected a text (empty for a pure number), got undefined",
    ],
    ["no options", () => bars(modes, undefined as never), "options: expected an object with title, x, y"],
    [
      "nothing to draw",
      () => bars(modes, { title: "x", x: barsOptions.x, y: barsOptions.y }),
      "reproduced: expected a column of reproduced",
    ],
    [
      "a logarithmic axis",
      () => bars(modes, { ...barsOptions, y: { ...barsOptions.y, log: true } }),
      "y.log: expected a linear axis",
    ],
    [
      "a name that the order leaves out",
      () => bars(modes, { ...barsOptions, series: { ...barsOptions.series, order: ["HAP"] } }),
      'series.order: expected all names of column mode, got "SP"',
    ],
    [
      "nine series",
      () =>
        bars(
          Array.from({ length: 9 }, (_, i) => ({ benchmark: "a", mode: `m${i}`, model: 1, paper: 1 })),
          barsOptions,
        ),
      "series: expected at most 8 series",
    ],
  ])("refuse %s", (_, make, sentence) => {
    expect(make).toThrow(sentence);
  });
});

describe("lines", () => {
  const rows = [16, 32, 64, 128].flatMap((entries) =>
    ["lru", "fifo"].map((policy) => ({
      entries,
      policy,
      model: 1 / entries,
      paper: entries === 64 ? 0.02 : null,
      exact: 1 / entries,
      low: 0.5 / entries,
      high: 2 / entries,
    })),
  );
  const options = {
    title: "Misses",
    x: { field: "entries", title: "TLB entries", unit: "", log: true },
    y: { title: "misses", unit: "per reference", log: true },
    series: { field: "policy", title: "policy" },
    ...{ reproduced: "model", published: "paper", analytic: "exact" },
    band: { low: "low", high: "high" },
    reference: { value: 0.01, label: "1 %" },
  };

  it("are solid for reproduced, hollow points for published, dashed for analytic values", async () => {
    const svg = await draw(lines(rows, options));
    expect(marks(svg, "line")).toBe(4);
    expect(count(svg, /stroke-dasharray="6,4"/g)).toBe(2);
    expect(marks(svg, "symbol")).toBe(8 + 2);
    expect(marks(svg, "area")).toBe(2);
    for (const tick of [16, 32, 64, 128]) expect(svg).toContain(`>${tick}<`);
  });

  it("hold a value until the next one as steps", async () => {
    const time = {
      title: "t",
      x: { field: "t", title: "time", unit: "s" },
      y: { title: "mode", unit: "" },
      reproduced: "v",
    };
    const svg = await draw(
      lines(
        [
          { t: 0, v: 1 },
          { t: 1, v: 2 },
          { t: 2, v: 1 },
        ],
        { ...time, shape: "step" },
      ),
    );
    expect(svg).toMatch(/<path [^>]*d="M[^"]*(?:H|L)/);
    expect(count(JSON.stringify(lines([{ t: 0, v: 1 }], { ...time, shape: "step" })), /step-after/g)).toBe(1);
  });

  it("refuse zero on a logarithmic axis, with its row", () => {
    const bad = [...rows, { ...rows[0], model: 0 } as Row];
    expect(() => lines(bad, options)).toThrow("y.log: expected values > 0 on a logarithmic axis, in row 8, got 0");
  });
});

describe("scatter", () => {
  const rows = [
    { benchmark: "gcc", paper: 133.5, model: 132.6 },
    { benchmark: "mcf", paper: 86.9, model: 80 },
    { benchmark: "lbm", paper: null, model: 99 },
  ];
  const options = {
    title: "SP",
    measure: { title: "run time", unit: "% of HAP" },
    ...{ published: "paper", reproduced: "model", label: "benchmark", tolerance: 1.5 },
  };

  it("names the points outside of the tolerance alone, and leaves out incomplete rows", async () => {
    const svg = await draw(scatter(rows, options));
    expect(count(svg, />mcf</g)).toBe(1);
    expect(count(svg, />gcc</g)).toBe(0);
    expect(marks(svg, "symbol")).toBe(2);
    expect(svg).toContain("published run time (% of HAP)");
    expect(svg).toContain("reproduced run time (% of HAP)");
  });

  it("draws on logarithmic axes and for a relative tolerance", async () => {
    const svg = await draw(
      scatter(rows, { ...options, measure: { ...options.measure, log: true }, tolerance: { relative: 0.2 } }),
    );
    expect(count(svg, />mcf</g)).toBe(0);
  });

  it("draws one point, and refuses none", async () => {
    await draw(scatter(rows.slice(0, 1), options));
    expect(() => scatter(rows.slice(2), options)).toThrow(
      "data: expected a row with a published and a reproduced value",
    );
  });
});

describe("charts that would show something else than the data", () => {
  it("are refused: two bars in one place, two series of one colour, no number, a domain that is none, no rows at all", () => {
    const [row] = modes;
    expect(() => bars([row!, row!], barsOptions)).toThrow("data: expected one row for each benchmark and mode");
    const order = Array.from({ length: 9 }, (_, at) => `s${at}`);
    const far = ["s0", "s8"].map((mode) => ({ ...row!, mode }));
    expect(() => bars(far, { ...barsOptions, series: { field: "mode", title: "mode", order } })).toThrow(
      "series.order: expected at most 8 names: colours are theirs, got 9",
    );
    const cell = { x: { field: "benchmark", title: "b" }, y: { field: "mode", title: "m" } };
    const value = { field: "model", title: "v", unit: "" };
    expect(() => heatmap([{ ...row!, model: null }], { title: "t", ...cell, value })).toThrow(
      "a number in column model",
    );
    expect(() => heatmap([{ ...row!, model: 0 }], { title: "t", ...cell, value: { ...value, log: true } })).toThrow(
      "value.log: expected values > 0",
    );
    for (const domain of [[1], [2, 2], [NaN, 1], "a"])
      expect(() =>
        bars(modes, { ...barsOptions, y: { ...barsOptions.y, domain: domain as [number, number] } }),
      ).toThrow("y.domain: expected two numbers that differ");
    for (const data of [undefined, null, 5, [null]])
      expect(() => bars(data as unknown as Row[], barsOptions)).toThrow("data: expected rows or an Arrow table");
  });

  it("are refused, or said in one sentence: sizes, orders, lines and panels that cannot be drawn", () => {
    const refused = (options: object, data: readonly object[] = modes) =>
      expect(() => bars(data as Row[], { ...barsOptions, ...options }));
    refused({ width: -5 }).toThrow("width: expected a finite number > 0, got -5");
    refused({ x: { ...barsOptions.x, order: "gcc" } }).toThrow('x.order: expected a list of names, got "gcc"');
    refused({ reference: { value: 1 } }).toThrow("reference.label: expected a text");
    refused({}, [{ ...modes[0], benchmark: new Date(0) }]).toThrow("expected a text, a number or a boolean");
    const at = { title: "t", x: { field: "model", title: "x", unit: "" }, reproduced: "model" };
    const log = { title: "y", unit: "", log: true };
    const line = (options: object) => expect(() => lines(modes, { ...at, y: log, ...options }));
    line({ reference: { value: 0, label: "zero" } }).toThrow("reference.value: expected a finite number > 0, got 0");
    line({ y: { ...log, domain: [0, 10] } }).toThrow("y.domain: expected two numbers that differ, above 0");
    const one = [bars(modes, barsOptions)];
    expect(() => panels(one, { colums: 2, title: "t" } as unknown as { title: string })).toThrow("colums");
    expect(() => panels(one, undefined as unknown as { title: string })).toThrow(
      "options: expected an object with title",
    );
    const counted = [{ benchmark: 5n, mode: "SP", model: 7n, paper: null }] as unknown as Row[];
    expect(bars(counted, barsOptions).description).toContain("7");
  });

  it("are not refused for being large", () => {
    const many = Array.from({ length: 200_000 }, (_, at) => ({ published: at, reproduced: at + 1 }));
    const measure = { title: "m", unit: "" };
    const chart = scatter(many, {
      title: "t",
      label: "published",
      measure,
      published: "published",
      reproduced: "reproduced",
    });
    expect(chart.description).toContain("200,000");
  });
});
