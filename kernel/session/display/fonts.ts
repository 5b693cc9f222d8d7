import { createRequire } from "node:module";
import { readFontMetrics, type FontMetrics } from "./font-metrics.ts";

/** The family that charts are drawn in: shipped, so that a chart looks the same on every machine. */
export const chartFont = "Inter";

const require = createRequire(import.meta.url);
const face = (name: string): string => require.resolve(`@expo-google-fonts/inter/${name}/Inter_${name}.ttf`);

const faces = {
  regular: "400Regular",
  medium: "500Medium",
  semibold: "600SemiBold",
  bold: "700Bold",
  italic: "400Regular_Italic",
};
type Face = keyof typeof faces;

/** The files of every face that charts use. */
export function fontFiles(): string[] {
  return Object.values(faces).map(face);
}

/** How a text mark of Vega's is set. */
export interface TextStyle {
  readonly fontSize?: number;
  readonly fontWeight?: number | string;
  readonly fontStyle?: string;
  /** The width, in pixels, to which the text is cut; 0 for none. */
  readonly limit?: number;
}

const loaded = new Map<Face, FontMetrics>();

/** The exact width of a line in pixels, by the advances of the face that it will be drawn with. */
export function textWidth({ fontSize = 11, fontWeight, fontStyle, limit = 0 }: TextStyle, text: string): number {
  const name = faceOf(fontWeight, fontStyle);
  let metrics = loaded.get(name);
  if (metrics === undefined) loaded.set(name, (metrics = readFontMetrics(face(faces[name]))));
  const width = metrics.width(text.trim()) * fontSize;
  return limit > 0 ? Math.min(width, limit) : width;
}

function faceOf(weight: number | string | undefined, style: string | undefined): Face {
  const number = weight === "bold" ? 700 : typeof weight === "number" ? weight : Number(weight ?? 400);
  if (number >= 650) return "bold";
  if (number >= 550) return "semibold";
  if (number >= 450) return "medium";
  return style === "italic" || style === "oblique" ? "italic" : "regular";
}
