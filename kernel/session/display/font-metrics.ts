import { readFileSync } from "node:fs";

/** The advance widths of a font's characters, without kerning. */
export interface FontMetrics {
  /** The width of a line of text in units of the font size. Linear in its length. */
  width(text: string): number;
}

/**
 * Reads the advance widths of a TrueType or OpenType font: its `cmap`, `hhea`, `hmtx` and `head` tables (OpenType
 * specification 1.9). Characters that the font lacks have the width of its `.notdef` glyph.
 *
 * @throws Error for a file that is no such font
 */
export function readFontMetrics(file: string): FontMetrics {
  const bytes = readFileSync(file);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tables = new Map<string, number>();
  for (let index = 0; index < data.getUint16(4); index++) {
    const record = 12 + 16 * index;
    tables.set(bytes.toString("latin1", record, record + 4), data.getUint32(record + 8));
  }
  const table = (name: string): number => {
    const offset = tables.get(name);
    if (offset === undefined) throw new Error(`${file}: expected a font with a table "${name}"`);
    return offset;
  };
  const unitsPerEm = data.getUint16(table("head") + 18);
  const metricCount = data.getUint16(table("hhea") + 34);
  const metrics = table("hmtx");
  const glyphOf = characterMap(data, table("cmap"));
  const advances = new Map<number, number>();
  const advance = (character: number): number => {
    let known = advances.get(character);
    if (known === undefined) {
      const glyph = Math.min(glyphOf(character), metricCount - 1);
      known = data.getUint16(metrics + 4 * glyph) / unitsPerEm;
      advances.set(character, known);
    }
    return known;
  };
  return {
    width(text) {
      let total = 0;
      for (const character of text) total += advance(character.codePointAt(0)!);
      return total;
    },
  };
}

/** The glyph of a code point, by the font's widest Unicode map: format 12, or format 4 for the first 65,536. */
function characterMap(data: DataView, cmap: number): (character: number) => number {
  const offsets: number[] = [];
  for (let index = 0; index < data.getUint16(cmap + 2); index++) {
    offsets.push(cmap + data.getUint32(cmap + 4 + 8 * index + 4));
  }
  const wide = offsets.find((offset) => data.getUint16(offset) === 12);
  if (wide !== undefined) return (character) => groupedGlyph(data, wide, character);
  const narrow = offsets.find((offset) => data.getUint16(offset) === 4);
  if (narrow === undefined) throw new Error("expected a font with a Unicode character map of format 4 or 12");
  return (character) => segmentedGlyph(data, narrow, character);
}

function groupedGlyph(data: DataView, map: number, character: number): number {
  for (let group = 0; group < data.getUint32(map + 12); group++) {
    const record = map + 16 + 12 * group;
    if (character > data.getUint32(record + 4)) continue;
    const start = data.getUint32(record);
    return character < start ? 0 : data.getUint32(record + 8) + character - start;
  }
  return 0;
}

function segmentedGlyph(data: DataView, map: number, character: number): number {
  const doubled = data.getUint16(map + 6);
  for (let segment = 0; segment < doubled; segment += 2) {
    if (character > data.getUint16(map + 14 + segment)) continue;
    const start = data.getUint16(map + 16 + doubled + segment);
    if (character < start) return 0;
    const delta = data.getUint16(map + 16 + 2 * doubled + segment);
    const place = map + 16 + 3 * doubled + segment;
    const range = data.getUint16(place);
    if (range === 0) return (character + delta) & 0xffff;
    const glyph = data.getUint16(place + range + 2 * (character - start));
    return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
  }
  return 0;
}
