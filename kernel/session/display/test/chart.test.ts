import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromArrays } from "apache-arrow";
import { table } from "arquero";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fontFiles, textWidth } from "../fonts.ts";
import { readFontMetrics } from "../font-metrics.ts";
import { render, type Rendering } from "../render.ts";
import { renderSvg } from "../render-svg.ts";

const lite = "https://vega.github.io/schema/vega-lite/v5.json";
const rows = [
  { benchmark: "a long category name", overhead: 3.2 },
  { benchmark: "mcf", overhead: 1.4 },
];
const bar = {
  $schema: lite,
  title: "Overhead",
  data: { values: rows },
  mark: "bar",
  encoding: {
    y: { field: "benchmark", type: "nominal" },
    x: { field: "overhead", type: "quantitative", title: "overhead (%)" },
  },
};

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "veelab-chart-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function rendered(value: unknown): Promise<Rendering> {
  const rendering = await render(value, { directory });
  if (rendering === undefined) throw new Error("expected a rendering");
  return rendering;
}

const specOf = async (value: unknown): Promise<Record<string, unknown>> =>
  (await rendered(value)).data["application/vnd.vegalite.v5+json"] as Record<string, unknown>;

/** Width and height of a PNG, from its header. */
function sizeOf(png: unknown): [number, number] {
  const bytes = Buffer.from(png as string, "base64");
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

describe("a Vega-Lite chart", () => {
  it("is its specification, a picture with twice the pixels, and a line of text", async () => {
    const { data, metadata } = await rendered(bar);
    expect(Object.keys(data).sort()).toEqual(["application/vnd.vegalite.v5+json", "image/png", "text/plain"]);
    expect(data["application/vnd.vegalite.v5+json"]).toEqual(bar);
    expect(data["text/plain"]).toBe('Chart "Overhead": bar; y benchmark, x overhead (%)');
    const { width, height, alt } = metadata["image/png"] as { width: number; height: number; alt: string };
    expect(alt).toBe(data["text/plain"]);
    expect(sizeOf(data["image/png"])).toEqual([width * 2, height * 2]);
  });

  it.each([
    [{ ...bar, description: "Bars of overhead." }, "Chart: Bars of overhead."],
    [
      {
        $schema: lite,
        data: { values: rows },
        layer: [
          { mark: { type: "line" }, encoding: { x: { field: "overhead" } } },
          { mark: "rule", encoding: { x: { aggregate: "mean", field: "overhead" } } },
        ],
      },
      "Chart: line and rule; x overhead and mean of overhead",
    ],
    [
      {
        $schema: lite,
        title: { text: ["Two", "lines"] },
        data: { values: rows },
        hconcat: [{ mark: "bar", encoding: { y: { aggregate: "count" } } }],
      },
      'Chart "Two lines": bar; y count',
    ],
  ])("says in its text what it draws", async (spec, text) => {
    expect((await rendered(spec)).data["text/plain"]).toBe(text);
  });

  it("is the same bytes each time, also with random numbers and definitions of gradients", async () => {
    const jitter = {
      $schema: lite,
      data: { values: rows },
      transform: [{ calculate: "random()", as: "r" }],
      mark: {
        type: "point",
        color: {
          gradient: "linear",
          stops: [
            { offset: 0, color: "red" },
            { offset: 1, color: "blue" },
          ],
        },
      },
      encoding: { x: { field: "r", type: "quantitative" }, y: { field: "overhead", type: "quantitative" } },
    };
    for (const spec of [bar, jitter]) {
      const first = await rendered(spec);
      const [second, third] = await Promise.all([rendered(spec), rendered(spec)]);
      expect(second).toEqual(first);
      expect(third).toEqual(first);
      expect(await renderSvg(spec)).toBe(await renderSvg(spec));
    }
    const random = new Set(Array.from({ length: 4 }, () => Math.random()));
    expect(random.size).toBe(4);
  });

  it("has the labels in the picture: it differs from the one with other letters", async () => {
    const other = {
      ...bar,
      data: { values: rows.map((row) => ({ ...row, benchmark: row.benchmark.replaceAll("a", "o") })) },
    };
    expect((await rendered(other)).data["image/png"]).not.toBe((await rendered(bar)).data["image/png"]);
  });

  it("leaves exactly the room that its labels need", async () => {
    const svg = await renderSvg({
      ...bar,
      encoding: { ...bar.encoding, y: { ...bar.encoding.y, axis: { title: null, labelLimit: 0 } } },
      title: undefined,
    });
    const left = Number(/transform="translate\((\d+)/.exec(svg)![1]);
    const label = textWidth({ fontSize: 11 }, "a long category name");
    // The labels end at 5 pixels of tick and 4 of padding from the axis; 12 pixels of air around the chart.
    expect(Math.abs(left - (12 + 5 + 4 + label))).toBeLessThanOrEqual(2);
  });

  it("takes tables for its data, at any depth", async () => {
    const arrow = tableFromArrays({ x: Int32Array.of(1, 2), big: BigInt64Array.of(3n, 4n) });
    const layered = {
      $schema: lite,
      layer: [{ data: { values: arrow }, mark: "point", encoding: { x: { field: "x", type: "quantitative" } } }],
    };
    expect(await specOf(layered)).toMatchObject({
      layer: [
        {
          data: {
            values: [
              { x: 1, big: 3 },
              { x: 2, big: 4 },
            ],
          },
        },
      ],
    });
    expect(await specOf({ ...bar, data: { values: table({ benchmark: ["a"], overhead: [1] }) } })).toMatchObject({
      data: { values: [{ benchmark: "a", overhead: 1 }] },
    });
    expect(await specOf({ ...bar, data: { values: Float64Array.of(1, 2) } })).toMatchObject({
      data: { values: [1, 2] },
    });
  });

  it("is recognised behind toSpec and toJSON, as vega-lite-api's are", async () => {
    expect(await specOf({ toSpec: () => bar })).toEqual(bar);
    expect(await specOf({ toJSON: () => bar })).toEqual(bar);
    expect(await render({ toJSON: () => ({ a: 1 }) }, { directory })).toMatchObject({
      data: { "text/plain": expect.any(String) as string },
    });
  });

  it("takes files from the notebook's folder into its specification", async () => {
    writeFileSync(join(directory, "rows.csv"), "benchmark,overhead\na,1\nb,2\n");
    writeFileSync(join(directory, "rows.json"), JSON.stringify(rows));
    const csv = await rendered({ ...bar, data: { url: "rows.csv" } });
    expect(csv.data["application/vnd.vegalite.v5+json"]).toMatchObject({
      data: { values: expect.stringContaining("a,1") as string, format: { type: "csv" } },
    });
    const inline = await rendered({
      ...bar,
      data: {
        values: [
          { benchmark: "a", overhead: 1 },
          { benchmark: "b", overhead: 2 },
        ],
      },
    });
    expect(csv.data["image/png"]).toBe(inline.data["image/png"]);
    expect(await specOf({ ...bar, data: { url: "rows.json" } })).toMatchObject({ data: { values: rows } });
    expect(await specOf({ ...bar, data: { url: `file://${directory}/rows.json` } })).toMatchObject({
      data: { values: rows },
    });
  });

  it.each([
    [
      "https://example.org/a.csv",
      /^The chart's data is at https:\/\/example\.org\/a\.csv: charts are drawn without the network/,
    ],
    ["//example.org/a.csv", /without the network/],
    ["none.csv", /^The chart's data file none\.csv cannot be read: looked for \/.*\/none\.csv$/],
    ["bad.json", /^The chart's data file bad\.json is not JSON$/],
  ])("refuses data at %s", async (url, message) => {
    writeFileSync(join(directory, "bad.json"), "{");
    await expect(rendered({ ...bar, data: { url } })).rejects.toThrow(message);
  });

  it("says what is wrong with a specification", async () => {
    await expect(rendered({ $schema: lite, mark: "nonsense" })).rejects.toThrow(/./);
    await expect(renderSvg({ mark: "bar" })).rejects.toThrow(/^Expected a Vega or Vega-Lite specification/);
    const circle: Record<string, unknown> = { $schema: lite };
    circle["layer"] = [circle];
    expect(() => render(circle, { directory })).toThrow(/cannot contain itself/);
  });
});

it("a Vega chart", async () => {
  const spec = {
    $schema: "https://vega.github.io/schema/vega/v5.json",
    width: 50,
    height: 50,
    data: [{ name: "t", values: [{ v: 10 }] }],
    marks: [{ type: "rect", from: { data: "t" }, encode: { enter: { width: { field: "v" }, height: { value: 10 } } } }],
  };
  const { data } = await rendered(spec);
  expect(data["application/vnd.vega.v5+json"]).toEqual(spec);
  expect(data["text/plain"]).toBe("Vega chart: rect");
  expect(sizeOf(data["image/png"])).toEqual([148, 148]);
});

describe("text widths", () => {
  const [regular] = fontFiles();
  it("are opentype.js's advances, for every character", () => {
    const opentype = createRequire(import.meta.url)("opentype.js") as {
      parse: (font: ArrayBuffer) => { unitsPerEm: number; charToGlyph: (text: string) => { advanceWidth: number } };
    };
    const { readFileSync } = createRequire(import.meta.url)("node:fs") as typeof import("node:fs");
    for (const file of fontFiles()) {
      const bytes = readFileSync(file);
      const font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      const metrics = readFontMetrics(file);
      const characters = Array.from({ length: 0x3000 - 32 }, (_, at) => String.fromCharCode(at + 32));
      expect(characters.map((text) => metrics.width(text) * font.unitsPerEm)).toEqual(
        characters.map((text) => font.charToGlyph(text).advanceWidth),
      );
    }
  });

  it("add up, and grow with the size", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme-ascii" }),
        fc.string({ unit: "grapheme-ascii" }),
        fc.integer({ min: 1, max: 40 }),
        (a, b, fontSize) => {
          const width = (text: string): number => textWidth({ fontSize }, `|${text}|`);
          const bars = textWidth({ fontSize }, "||");
          expect(width(a + b) + bars).toBeCloseTo(width(a) + width(b), 6);
          expect(textWidth({ fontSize: 2 * fontSize }, a)).toBeCloseTo(2 * textWidth({ fontSize }, a), 6);
        },
      ),
    );
    expect(regular).toMatch(/400Regular/);
    expect(textWidth({ fontSize: 11, fontWeight: "bold" }, "mass")).toBeGreaterThan(
      textWidth({ fontSize: 11 }, "mass"),
    );
    expect(textWidth({ fontSize: 11, limit: 20 }, "a long category name")).toBe(20);
  });
});
