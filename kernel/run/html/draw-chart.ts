import type { Spec } from "vega";
import type { TopLevelSpec } from "vega-lite";

import type { Chart } from "./charts.ts";

/** Draws a chart as SVG without a browser. Vega is loaded only for a notebook that has charts. */
export async function drawChart({ mode, spec }: Chart): Promise<string> {
  const [{ parse, View }, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  // Vega marks the rows of a specification's data.
  const own = structuredClone(spec) as unknown;
  const vegaSpec = mode === "vega" ? (own as Spec) : compile(own as TopLevelSpec).spec;
  return new View(parse(vegaSpec), { renderer: "none" }).toSVG();
}
