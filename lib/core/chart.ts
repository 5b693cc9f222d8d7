/**
 * Charts of results, all in one visual language: reproduced values are filled and solid, published ones hollow,
 * analytic ones dashed (or diamonds); colours that every kind of colour vision tells apart; every axis with a title
 * and a unit. A click on a name in the legend highlights its series (with Shift, several), and every chart says what it
 * shows in a text for readers who cannot see it. The functions return plain Vega-Lite v5 specifications, within what 5.6 draws.
 *
 * @module
 */
export { bars, type BarsOptions } from "./chart/bars.ts";
export { heatmap, type HeatmapOptions } from "./chart/heatmap.ts";
export { lines, type LinesOptions } from "./chart/lines.ts";
export { panels, type PanelsOptions } from "./chart/panels.ts";
export { scatter, type ScatterOptions } from "./chart/scatter.ts";
export { timeline, type TimelineOptions } from "./chart/timeline.ts";
export { PALETTE, type ChartOptions, type ChartSpec } from "./chart/theme.ts";
export type { CategoryColumn, Measure, MeasureColumn } from "./chart/axis.ts";
export type { ChartData } from "./chart/data.ts";
export type { IntervalColumns, KindColumns } from "./chart/kinds.ts";
export type { Reference } from "./chart/reference.ts";
export type { ZoomOptions } from "./chart/params.ts";
