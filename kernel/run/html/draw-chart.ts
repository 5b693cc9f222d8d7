import { VEGA_VERSION, type Chart } from "./charts.ts";

/** Draws a chart as SVG without a browser, as the kernel draws its images. Loaded only for a notebook with charts. */
export async function drawChart({ mode, spec }: Chart): Promise<string> {
  const { chartSvg } = await import("../../session/display/render-svg.ts");
  // Vega marks the rows of a specification's data.
  return chartSvg({ grammar: mode, version: VEGA_VERSION, spec: structuredClone(spec) });
}
