/** A plain Vega-Lite v5 specification with its data inside: what the chart functions return and a notebook draws. */
export interface ChartSpec {
  /** The address of Vega-Lite v5's schema, by which a display knows the chart. */
  readonly $schema: string;
  /** The text for readers who cannot see the chart. */
  readonly description: string;
  readonly [property: string]: unknown;
}

/** What every chart has. */
export interface ChartOptions {
  /** Above the chart. */
  readonly title: string;
  /** A line under the title; what the marks stand for is added to it. */
  readonly subtitle?: string;
  /** The text for readers who cannot see the chart; made from the titles unless given. */
  readonly description?: string;
  /** Of the plot without axes, in pixels. */
  readonly width?: number;
  /** Of the plot without axes, in pixels. */
  readonly height?: number;
}

/**
 * The colours of series, in order: those of Okabe and Ito ("Color universal design", 2008), told apart with every
 * common kind of colour vision. Their yellow is left out (too pale on white); grey is added, as dark as deuteranopes need to
 * tell it from the purple.
 *
 * @example
 * ```ts
 * import { PALETTE } from "veelab";
 *
 * console.log(PALETTE[0]); // #0072B2
 * ```
 */
export const PALETTE: readonly string[] = [
  "#0072B2",
  "#E69F00",
  "#009E73",
  "#D55E00",
  "#56B4E9",
  "#CC79A7",
  "#333333",
  "#666666",
];

/** Reproduced: filled and solid, in colour. Published: hollow, in ink. Analytic: dashed lines and diamonds, in grey. */
export const KIND = {
  reproduced: { color: "#0072B2" },
  published: { color: "#1A1A1A", fill: "#FFFFFF" },
  analytic: { color: "#6B6B6B", dash: [6, 4] },
  tolerance: { color: "#1A1A1A" },
  reference: { color: "#8A8A8A", dash: [2, 3] },
} as const;

const INK = "#1A1A1A";
const SOFT_INK = "#4D4D4D";
/** The colour of axes. */
export const AXIS = "#8A8A8A";
/** The colour of grid lines. */
export const GRID = "#E8E8E8";

// Explicitly on white: a chart in a dark page stays readable, and a PNG of it too.
const CONFIG = {
  font: "Inter, sans-serif",
  view: { stroke: null },
  title: {
    anchor: "start",
    frame: "group",
    fontSize: 14,
    fontWeight: 600,
    color: INK,
    subtitleColor: SOFT_INK,
    subtitleFontSize: 11,
    subtitlePadding: 4,
    offset: 10,
  },
  axis: {
    labelFontSize: 11,
    labelColor: SOFT_INK,
    titleFontSize: 11.5,
    titleFontWeight: 500,
    titleColor: INK,
    titlePadding: 8,
    domainColor: AXIS,
    tickColor: AXIS,
    gridColor: GRID,
  },
  legend: {
    orient: "top",
    direction: "horizontal",
    titleOrient: "left",
    labelFontSize: 11,
    titleFontSize: 11.5,
    titleFontWeight: 500,
    labelColor: SOFT_INK,
    titleColor: INK,
    symbolStrokeWidth: 2,
  },
  header: { labelFontSize: 11, titleFontSize: 11.5 },
  range: { category: PALETTE, heatmap: { scheme: "viridis" }, ramp: { scheme: "viridis" } },
} as const;

/** Puts the common frame around a chart's own parts. */
export function framed(options: ChartOptions, key: readonly string[], description: string, parts: object): ChartSpec {
  const subtitle = [
    ...(options.subtitle === undefined ? [] : [options.subtitle]),
    ...(key.length > 0 ? [key.join(" · ")] : []),
  ];
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    description: options.description ?? description,
    background: "white",
    padding: 10,
    title: { text: options.title, ...(subtitle.length > 0 ? { subtitle } : {}) },
    config: CONFIG,
    ...parts,
  };
}

/** A chart without its frame, to be put among others. */
export function unframed(spec: ChartSpec): Readonly<Record<string, unknown>> {
  const { $schema: _schema, background: _background, padding: _padding, config: _config, ...parts } = spec;
  return parts;
}
