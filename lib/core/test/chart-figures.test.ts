import { tableFromArrays } from "apache-arrow";
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { describe, expect, it } from "vitest";
import { bars, type ChartSpec, heatmap, lines, panels, scatter, timeline } from "../chart.ts";
import { draw, count, marks, modes, barsOptions } from "./drawn.ts";

describe("timeline, heat map and panels", () => {
  const intervals = [
    { policy: "DSP", mode: "HAP", from: 0, to: 15 },
    { policy: "DSP", mode: "SP", from: 15, to: 60 },
    { policy: "SP only", mode: "SP", from: 0, to: 60 },
  ];
  const options = {
    ...{ title: "Modes", x: { title: "time", unit: "s" }, start: "from", end: "to" },
    state: { field: "mode", title: "mode" },
  };
  const lane = { field: "policy", title: "policy" };
  const cells = [2, 3, 4].flatMap((x) => [2, 3].map((y) => ({ x, y, v: x * y + x + y })));
  const heat = heatmap(cells, {
    title: "Walk",
    x: { field: "x", title: "guest levels" },
    y: { field: "y", title: "nested levels" },
    value: { field: "v", title: "entries read", unit: "" },
    numbers: "d",
  });

  it("a timeline has a bar an interval, in lanes or in one", async () => {
    const svg = await draw(timeline(intervals, { ...options, lane }));
    expect(marks(svg, "rect")).toBe(3);
    expect(svg).toContain(">SP only<");
    expect(marks(await draw(timeline(intervals.slice(0, 2), options)), "rect")).toBe(2);
    expect(() => timeline([{ mode: "SP", from: 5, to: 4 }], options)).toThrow(
      "data[0].to: expected a number >= from (5), got 4",
    );
  });

  it("a heat map has a cell a row, with its number", async () => {
    const svg = await draw(heat);
    expect(marks(svg, "rect")).toBe(6);
    for (const { v } of cells) expect(svg).toContain(`>${v}<`);
    expect(() =>
      heatmap([...cells, { x: 2, y: 2, v: 0 }], {
        title: "x",
        x: { field: "x", title: "x" },
        y: { field: "y", title: "y" },
        value: { field: "v", title: "v", unit: "" },
      }),
    ).toThrow("data: expected one row for each x and y");
  });

  it("zooms where that is asked for, each chart of a figure by itself", async () => {
    const chart = (zoom?: boolean): ChartSpec =>
      lines(
        [0, 1, 2].map((x) => ({ x, y: x * x })),
        {
          ...{ title: "zoom", x: { field: "x", title: "x", unit: "" }, y: { title: "y", unit: "" }, reproduced: "y" },
          ...(zoom === undefined ? {} : { zoom }),
        },
      );
    expect(JSON.stringify(chart())).not.toContain("params");
    expect(chart(false)).toEqual(chart());
    const figure = panels([chart(true), chart(true), chart()], { title: "figure" });
    await draw(figure);
    const { spec } = compile(structuredClone(figure) as unknown as TopLevelSpec);
    const view = await new View(parse(spec), { renderer: "none" }).runAsync();
    const domain = (name: string): unknown => (view.scale(name) as { domain(): unknown }).domain();
    expect(domain("concat_0_x")).toEqual([0, 2]);
    view.signal("zoom0_x", [1, 2]);
    await view.runAsync();
    expect(domain("concat_0_x")).toEqual([1, 2]);
    expect(domain("concat_1_x")).toEqual([0, 2]);
    expect(() => {
      view.signal("zoom2_x");
    }).toThrow();
    await draw(
      scatter(
        [
          { p: 1, r: 1, n: "a" },
          { p: 2, r: 3, n: "b" },
        ],
        {
          ...{ title: "s", measure: { title: "t", unit: "s" }, published: "p", reproduced: "r", label: "n" },
          ...{ tolerance: 0.5, zoom: true },
        },
      ),
    );
  });

  it("panels keep every chart's title and are one specification", async () => {
    const figure = panels([heat, timeline(intervals, { ...options, lane }), bars(modes, barsOptions)], {
      title: "All",
      columns: 2,
    });
    const svg = await draw(figure);
    for (const title of ["All", "Walk", "Modes", "Fig 7"]) expect(svg).toContain(`>${title}<`);
    expect(count(JSON.stringify(figure), /\$schema/g)).toBe(1);
    expect(() => panels([], { title: "x" })).toThrow("charts: expected at least one chart");
  });

  it("every chart says Vega-Lite v5, stands on white and has a text for those who cannot see it", () => {
    const all = [heat, timeline(intervals, options), bars(modes, barsOptions), panels([heat], { title: "x" })];
    for (const chart of all) {
      expect(chart.$schema).toBe("https://vega.github.io/schema/vega-lite/v5.json");
      expect(chart["background"]).toBe("white");
      expect(chart.description.length).toBeGreaterThan(20);
      expect(JSON.parse(JSON.stringify(chart))).toEqual(chart);
    }
    expect(
      heatmap(cells, {
        ...{ title: "x", description: "own words" },
        x: { field: "x", title: "x" },
        y: { field: "y", title: "y" },
        value: { field: "v", title: "v", unit: "" },
      }).description,
    ).toBe("own words");
  });

  it("a table of the analyst's own is as good as rows", async () => {
    const table = tableFromArrays({ t: Float64Array.of(0, 1, 2), v: Int32Array.of(1, 2, 3) });
    await draw(
      lines(table, {
        title: "own",
        x: { field: "t", title: "time", unit: "s" },
        y: { title: "v", unit: "" },
        reproduced: "v",
      }),
    );
  });
});
