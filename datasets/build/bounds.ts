import * as arrow from "apache-arrow";

const number = String.raw`-?\d+(?:\.\d+)?`;
const exact = new RegExp(`^${number}$`);
const range = new RegExp(`^(${number})\\.\\.(${number})$`);
const below = new RegExp(`^<(${number})$`);
const above = new RegExp(`^>(${number})$`);

/**
 * What a printed cell says of its number: `40` is [40, 40], `75..140` [75, 140], `<50` at most 50, `>150000` at least
 * 150000. Anything else (`0|sometimes 100`) is ambiguous and gives no bound.
 */
export function boundsOf(text: string | null): readonly [least: number | null, most: number | null] {
  if (text === null) return [null, null];
  if (exact.test(text)) return [Number(text), Number(text)];
  const both = range.exec(text);
  if (both !== null) return [Number(both[1]), Number(both[2])];
  const most = below.exec(text);
  if (most !== null) return [null, Number(most[1])];
  const least = above.exec(text);
  return [least === null ? null : Number(least[1]), null];
}

/** The companions `<name>_min` and `<name>_max` of a text column. */
export function boundColumns(name: string, texts: arrow.Vector): Record<string, arrow.Vector> {
  const bounds = Array.from(texts as Iterable<string | null>, boundsOf);
  return {
    [`${name}_min`]: arrow.vectorFromArray(
      bounds.map(([least]) => least),
      new arrow.Float64(),
    ),
    [`${name}_max`]: arrow.vectorFromArray(
      bounds.map(([, most]) => most),
      new arrow.Float64(),
    ),
  };
}
