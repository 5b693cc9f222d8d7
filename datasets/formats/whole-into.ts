const newline = 10;
const carriageReturn = 13;
const mostDigits = 20;

/**
 * Stores the whole number at `at` in `column[row]` and gives the place behind the byte `stop` that ends it (behind a line's end, LF or CRLF,
 * for a newline); 0 where there is no number of at most `most` that ends so. State in local variables is what makes it twice as fast as a `Line`.
 */
export function wholeInto(
  bytes: Uint8Array,
  at: number,
  stop: number,
  column: Float64Array | Uint32Array,
  row: number,
  most: number,
): number {
  const from = at;
  let value = 0;
  for (let digit = (bytes[at]! - 48) >>> 0; digit < 10; digit = (bytes[at]! - 48) >>> 0) {
    value = value * 10 + digit;
    at += 1;
  }
  if (at === from || at - from > mostDigits || value > most) return 0;
  if (stop === newline && bytes[at] === carriageReturn) at += 1;
  if (bytes[at] !== stop) return 0;
  column[row] = value;
  return at + 1;
}
