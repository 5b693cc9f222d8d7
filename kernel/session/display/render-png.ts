import { chartFont, fontFiles } from "./fonts.ts";

/** A picture, and how large it is meant to be seen: it has twice as many pixels each way. */
export interface ChartImage {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const pixelRatio = 2;

/** Makes a PNG of an SVG, with the shipped font and no other: the same bytes on every machine. */
export async function renderPng(svg: string): Promise<ChartImage> {
  const { Resvg } = await import("@resvg/resvg-js");
  const image = new Resvg(svg, {
    fitTo: { mode: "zoom", value: pixelRatio },
    font: {
      fontFiles: fontFiles(),
      loadSystemFonts: false,
      defaultFontFamily: chartFont,
      sansSerifFamily: chartFont,
      serifFamily: chartFont,
      monospaceFamily: chartFont,
      cursiveFamily: chartFont,
      fantasyFamily: chartFont,
    },
  }).render();
  return { png: image.asPng(), width: image.width / pixelRatio, height: image.height / pixelRatio };
}
