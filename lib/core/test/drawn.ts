import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { expect } from "vitest";
import type { Row } from "../table.ts";

/** Compiles a copy of a chart (Vega marks the data it draws) and draws it; every warning of Vega-Lite or Vega is a failure. */
export async function draw(chart: object): Promise<string> {
  const warnings: unknown[] = [];
  const logger = {
    level: () => logger,
    error: (...args: readonly unknown[]) => (warnings.push(args), logger),
    warn: (...args: readonly unknown[]) => (warnings.push(args), logger),
    info: () => logger,
    debug: () => logger,
  };
  const { spec } = compile(structuredClone(chart) as TopLevelSpec, { logger });
  const view = new View(parse(spec), { renderer: "none", logger });
  const svg = await view.toSVG();
  // A chart that zooms listens to its window, which is not here.
  expect(warnings.filter((warning) => !String(warning).endsWith("event source: window"))).toEqual([]);
  return svg;
}

/** How often a drawing has something. */
export const count = (svg: string, pattern: RegExp): number => svg.match(pattern)?.length ?? 0;
/** How many marks of a kind it has. */
export const marks = (svg: string, kind: string): number => {
  const groups = [...svg.matchAll(new RegExp(`<g class="mark-${kind} role-mark[^"]*"[^>]*>(.*?)</g>`, "gs"))];
  return groups.reduce((sum, [, inner]) => sum + count(inner ?? "", /<(?:path|text|line)/g), 0);
};

/** Three benchmarks in three modes, one of which the paper has. */
export const modes: Row[] = ["perlbench", "bzip2", "gcc"].flatMap((benchmark, at) =>
  ["HAP", "SP", "DSP"].map((mode, m) => ({
    benchmark,
    mode,
    model: 90 + 10 * at + m,
    paper: m === 0 ? null : 91 + 10 * at + m,
  })),
);
/** Their bars. */
export const barsOptions = {
  title: "Fig 7",
  x: { field: "benchmark", title: "benchmark" },
  y: { title: "run time", unit: "% of HAP" },
  series: { field: "mode", title: "mode" },
  reproduced: "model",
  published: "paper",
  tolerance: 1.5,
} as const;
