/** The protocol counts a cursor's place in Unicode code points, JavaScript in UTF-16 code units. */

/** The place in code units. A place beyond the text is its end. */
export function toCodeUnits(text: string, codePoints: number): number {
  let units = 0;
  for (let left = codePoints; left > 0 && units < text.length; left--) units += widthAt(text, units);
  return units;
}

/** The place in code points. */
export function toCodePoints(text: string, codeUnits: number): number {
  let points = 0;
  for (let units = 0; units < codeUnits && units < text.length; units += widthAt(text, units)) points += 1;
  return points;
}

function widthAt(text: string, index: number): number {
  return text.codePointAt(index)! > 0xffff ? 2 : 1;
}
