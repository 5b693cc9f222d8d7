import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { describe, expect, it } from "vitest";
import { bars, type ChartSpec, heatmap, lines, PALETTE, panels, scatter, timeline } from "../chart.ts";
import { type Row } from "../table.ts";
import { count } from "./drawn.ts";

const viewOf = async (chart: ChartSpec): Promise<View> => {
  const { spec } = compile(structuredClone(chart) as unknown as TopLevelSpec);
  return await new View(parse(spec), { renderer: "none" }).runAsync();
};
const svgOf = async (chart: ChartSpec): Promise<string> => (await viewOf(chart)).toSVG();

// Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency", IEEE
// TVCG 15 (6), 2009, table of severity 1.0: on linear RGB.
const VISIONS: Readonly<Record<string, readonly (readonly number[])[]>> = {
  common: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, factor, at) => sum + factor * (vector[at] ?? 0), 0));
/** sRGB to linear RGB: IEC 61966-2-1. */
const linear = (color: string): number[] =>
  [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
/** Linear RGB to CIE 1976 L*a*b*, white D65. */
const lab = (rgb: readonly number[]): number[] => {
  const xyz = times(
    [
      [0.4124564, 0.3575761, 0.1804375],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339, 0.119192, 0.9503041],
    ],
    rgb,
  );
  const [x = 0, y = 0, z = 0] = xyz.map((value, at) => {
    const share = value / ([0.95047, 1, 1.08883][at] ?? 1);
    return share > 216 / 24389 ? Math.cbrt(share) : ((24389 / 27) * share + 16) / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};
const seen = (color: string, vision: readonly (readonly number[])[]): number[] =>
  lab(times(vision, linear(color)).map((value) => Math.min(1, Math.max(0, value))));

describe("the palette", () => {
  // Two colours that differ by 2.3 can just be told apart side by side; lines and legends lie further apart.
  it.each(Object.entries(VISIONS))("is told apart with %s vision: CIE 1976 distances of 15 and more", (_, vision) => {
    const colors = PALETTE.map((color) => seen(color, vision));
    const distances = colors.flatMap((a, at) =>
      colors.slice(at + 1).map((b) => Math.hypot(...a.map((value, axis) => value - (b[axis] ?? 0)))),
    );
    expect(distances).toHaveLength(28);
    expect(Math.min(...distances)).toBeGreaterThan(15);
  });

  it("has the known colours of the model: white stays white, and red is dark yellow to a protanope", () => {
    for (const vision of Object.values(VISIONS)) {
      const [lightness = 0, a = 9, b = 9] = seen("#FFFFFF", vision);
      expect(lightness).toBeCloseTo(100, 1);
      expect(Math.hypot(a, b)).toBeLessThan(0.1);
    }
    const [red, green] = ["#FF0000", "#00FF00"].map((color) => seen(color, VISIONS["protanopia"] ?? []));
    // Both on the same hue: yellow (b > 0), with little red or green left in it.
    expect(red?.[2]).toBeGreaterThan(20);
    expect(green?.[2]).toBeGreaterThan(20);
    expect(red?.[0]).toBeLessThan(50);
  });
});

const rows: Row[] = ["gcc", "mcf"].flatMap((benchmark, at) =>
  ["HAP", "SP", "DSP"].map((mode, m) => ({ benchmark, mode, at: at + m, model: 10 + 10 * at + m, paper: 11 + m })),
);
const x = { field: "benchmark", title: "benchmark" };
const y = { title: "run time", unit: "s" };
const series = { field: "mode", title: "mode" };

describe("charts", () => {
  const quantity = { field: "at", title: "nodes", unit: "" };
  const all: Record<string, ChartSpec> = {
    bars: bars(rows, { title: "t", x, y, series, reproduced: "model", published: "paper", tolerance: 1 }),
    lines: lines(rows, { title: "t", x: quantity, y, series, reproduced: "model", published: "paper" }),
    scatter: scatter(rows, {
      title: "t",
      measure: y,
      published: "paper",
      reproduced: "model",
      label: "benchmark",
      series,
    }),
  };

  it.each(Object.entries(all))("highlight the series that is clicked in the legend of %s", async (_, chart) => {
    const view = await viewOf(chart);
    const pale = async (): Promise<number> => count(await view.toSVG(), / opacity="0\.1(?:08|2)"/g);
    expect(await pale()).toBe(0);
    view.signal("highlight_series_legend", "SP");
    await view.runAsync();
    expect(await pale()).toBeGreaterThan(0);
    view.signal("highlight_series_legend", null);
  });

  it("of one figure highlight each by itself", async () => {
    const view = await viewOf(panels([all["bars"]!, all["lines"]!], { title: "both" }));
    const pale = async (): Promise<number> => count(await view.toSVG(), / opacity="0\.12"/g);
    view.signal("highlight0_series_legend", "SP");
    await view.runAsync();
    const first = await pale();
    view.signal("highlight1_series_legend", "SP");
    await view.runAsync();
    expect(first).toBeGreaterThan(0);
    expect(await pale()).toBeGreaterThan(first);
  });

  it("say in a text what they show, over what, for which series, and how far the values go", () => {
    expect(all["bars"]?.description).toBe(
      "t. Bars: run time (s) by benchmark (gcc, mcf), side by side for each mode: HAP, SP, DSP. Reproduced values from 10 to 22; published values from 11 to 13; with tolerances.",
    );
    expect(all["lines"]?.description).toBe(
      "t. Lines: run time (s) over nodes, for each mode: HAP, SP, DSP. Reproduced values from 10 to 22; published values from 11 to 13.",
    );
    const pairs = ["a, 2011", "a, today"].map((benchmark) => ({ benchmark, v: 1 }));
    expect(bars(pairs, { title: "t", x, y, simulated: "v" }).description).toContain("(a, 2011; a, today)");
    const many = Array.from({ length: 29 }, (_, at) => ({ benchmark: `b${at}`, v: at }));
    expect(bars(many, { title: "t", x, y, simulated: "v" }).description).toContain("(29, b0 to b28)");
  });

  it("draw what a paper printed hollow and in ink, whether a bar's value, a line's or a bound", async () => {
    for (const name of ["bars", "lines"])
      expect(await svgOf(all[name]!)).toMatch(/fill="#FFFFFF" stroke="#[0-9A-F]{6}"/);
    const bound = { value: 5, label: "bound" };
    const plain = await svgOf(bars(rows, { title: "t", x, y, series, simulated: "model", reference: bound }));
    const printed = bars(rows, {
      title: "t",
      x,
      y,
      series,
      simulated: "model",
      reference: { ...bound, published: true },
    });
    expect(plain).not.toContain('fill="#FFFFFF" stroke="#1A1A1A"');
    expect(await svgOf(printed)).toContain('fill="#FFFFFF" stroke="#1A1A1A"');
    expect(printed.description).toContain("a line at 5, bound");
  });

  it("put a legend that is wider than the plot into rows of equal length", async () => {
    const names = Array.from({ length: 8 }, (_, at) => `parameter number ${at}`);
    const wide = names.flatMap((mode) => [1, 2].map((at) => ({ mode, at, v: at })));
    const view = await viewOf(lines(wide, { title: "t", x: quantity, y, series, simulated: "v", width: 560 }));
    const { bounds } = (view.scenegraph() as unknown as { root: { bounds: { x1: number; x2: number } } }).root;
    expect(bounds.x2 - bounds.x1).toBeLessThan(900);
  });

  it("do not cut marks in halves at the ends of an axis", async () => {
    const svg = async (domain?: readonly [number, number]): Promise<string> =>
      svgOf(lines(rows, { title: "t", x: quantity, y: { ...y, ...(domain ? { domain } : {}) }, simulated: "model" }));
    expect(await svg()).not.toContain("clip-path");
    expect(await svg([0, 22])).not.toContain("clip-path");
    expect(await svg([0, 15])).toContain("clip-path");
  });

  it("mark zero where bars go both ways, whole numbers between which nothing is, and large numbers in groups", async () => {
    // Ticks are of that grey, too: in the grid, only the line at zero is.
    const greyInGrid = async (chart: ChartSpec): Promise<number> =>
      count(/role-axis-grid.*?<\/g><path/s.exec(await svgOf(chart))?.[0] ?? "", /stroke="#8A8A8A"/g);
    const about = { title: "t", x, y, series, simulated: "model" };
    expect(await greyInGrid(bars(rows, about))).toBe(0);
    expect(await greyInGrid(bars([...rows, { benchmark: "x", mode: "SP", model: -5 }], about))).toBe(1);
    const whole = await svgOf(
      lines(
        [0, 1, 2].map((at) => ({ at, v: at / 2 })),
        { title: "t", x: quantity, y, simulated: "v" },
      ),
    );
    expect(whole).not.toMatch(/>1\.5<[^]*>nodes</);
    const large = [4096, 16_384, 1_000_000].map((at) => ({ at, v: at }));
    const svg = await svgOf(lines(large, { title: "t", x: { ...quantity, log: true }, y, simulated: "v" }));
    for (const label of ["4,096", "16,384", "1,000,000"]) expect(svg).toContain(`>${label}<`);
  });
});

describe("parts of a whole", () => {
  const parts = ["a", "b"].flatMap((benchmark) =>
    ["one", "two", "three"].map((mode, at) => ({ benchmark, mode, share: [50, 30, 20][at] ?? 0 })),
  );
  const options = { title: "t", x, y: { title: "share", unit: "%" }, series, simulated: "share", stack: true };

  it("are stacked in their order, and the axis holds their sum", async () => {
    const chart = bars(parts, options);
    const view = await viewOf(chart);
    expect((view.scale("y") as { domain(): number[] }).domain()).toEqual([0, 100]);
    const tops = (view.data("data_0") as { series: string; share_start: number }[]).map(
      ({ series: name, share_start: from, ...row }) => [
        name,
        from,
        ...Object.entries(row).flatMap(([key, value]) => (key.endsWith("_start") ? [value] : [])),
      ],
    );
    expect(tops.slice(0, 3).map(([name]) => name)).toEqual(["one", "two", "three"]);
    expect(chart.description).toContain("stacked for each mode");
  });

  it("are of one kind, above zero, and have no whiskers", () => {
    expect(() => bars(parts, { ...options, published: "share" })).toThrow("stack: expected series of one kind");
    expect(() => bars([...parts, { benchmark: "c", mode: "two", share: -1 }], options)).toThrow(
      "stack: expected values >= 0, got -1",
    );
    expect(() => bars(parts, { title: "t", x, y, simulated: "share", stack: true })).toThrow("stack: expected series");
  });
});

describe("other forms", () => {
  it("points have no lines between them", async () => {
    const options = { title: "t", x: { field: "at", title: "nodes", unit: "" }, y, simulated: "model" };
    const chart = lines(rows, { ...options, shape: "points" });
    expect(await svgOf(chart)).not.toContain("mark-line");
    expect(chart.description).toContain("Points: run time");
    expect(() => lines(rows, { ...options, shape: "dots" as "points" })).toThrow(
      'shape: expected one of line, step, points, got "dots"',
    );
  });

  it("a heat map around a middle reaches as far above as below it, and is light there", async () => {
    const cells = [-1, 0, 4].map((v) => ({ benchmark: `b${v}`, mode: "m", v }));
    const value = { field: "v", title: "gain", unit: "log₂" };
    const view = await viewOf(heatmap(cells, { title: "t", x, y: series, value, middle: 0, numbers: "d" }));
    const scale = view.scale("color") as { (value: number): string; domain(): number[] };
    expect([scale.domain()[0], scale.domain().at(-1)]).toEqual([-4, 4]);
    const logged = { ...value, log: true };
    expect(() => heatmap(cells, { title: "t", x, y: series, value: logged, middle: 0 })).toThrow(
      "middle: expected none",
    );
  });

  it("a figure of charts with one key says it once", async () => {
    const chart = (title: string): ChartSpec => bars(rows, { title, x, y, series, simulated: "model" });
    const svg = await svgOf(panels([chart("a"), chart("b")], { title: "both" }));
    expect(count(svg, />■ simulated</g)).toBe(1);
    const other = timeline([{ s: 0, e: 1, m: "x" }], {
      ...{ title: "c", x: { title: "time", unit: "s" }, start: "s", end: "e", state: { field: "m", title: "mode" } },
    });
    expect(count(await svgOf(panels([chart("a"), chart("b"), other], { title: "all" })), />■ simulated</g)).toBe(2);
  });
});
