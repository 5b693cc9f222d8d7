import { chartFont } from "./fonts.ts";

/**
 * How a chart looks where its specification does not say: the font that is shipped, air around it, a light grid, no frame.
 * Only for images that the kernel draws; the specification itself is passed on untouched.
 */
export const chartTheme: Readonly<Record<string, unknown>> = {
  background: "white",
  padding: 12,
  font: [chartFont, "sans-serif"].join(", "),
  view: { stroke: "transparent" },
  title: { anchor: "start", fontSize: 14, fontWeight: 600, color: "#1a1a1a", subtitleColor: "#4d4d4d", offset: 12 },
  axis: {
    labelFontSize: 11,
    labelColor: "#4d4d4d",
    labelPadding: 4,
    titleFontSize: 12,
    titleFontWeight: 500,
    titleColor: "#1a1a1a",
    titlePadding: 8,
    domainColor: "#8a8a8a",
    tickColor: "#8a8a8a",
    gridColor: "#e8e8e8",
  },
  legend: { labelFontSize: 11, labelColor: "#4d4d4d", titleFontSize: 12, titleFontWeight: 500, titleColor: "#1a1a1a" },
  header: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 500 },
};
