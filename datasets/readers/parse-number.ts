const zero = 48;
const nine = 57;
const minus = 45;
const plus = 43;
const dot = 46;
const space = 32;

/** Powers of ten that a double holds exactly. */
const tens = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * A whole number written in `bytes[start, end)`, with an optional sign and spaces around it; NaN when it is none or
 * 2^53 or more. Linear in the text's length.
 */
export function parseWhole(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let stop = end;
  while (at < stop && bytes[at] === space) at += 1;
  while (stop > at && bytes[stop - 1] === space) stop -= 1;
  const first = bytes[at];
  const negative = first === minus;
  if (negative || first === plus) at += 1;
  if (at >= stop) return NaN;
  let value = 0;
  for (; at < stop; at += 1) {
    const digit = bytes[at]! - zero;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return NaN;
  }
  return negative ? -value : value;
}

const latin = new TextDecoder("latin1");
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A decimal number written in `bytes[start, end)`: `-12`, `0.5`, `1e-9`, `NaN`, `inf`, with spaces around it allowed;
 * undefined when it is none, or a whole number of 2^53 or more, which a double may change.
 *
 * Up to 15 digits with a power of ten up to 22 are one exact division (W. Clinger, "How to read floating point numbers
 * accurately", PLDI 1990); the rest is left to `Number`.
 */
export function parseDouble(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  const negative = bytes[at] === minus;
  if (negative) at += 1;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte >= zero && byte <= nine) {
      mantissa = mantissa * 10 + (byte - zero);
      digits += 1;
      if (decimals >= 0) decimals += 1;
    } else if (byte === dot && decimals < 0) decimals = 0;
    else return parseSlowly(bytes, start, end);
  }
  if (digits === 0 || digits > 15) return parseSlowly(bytes, start, end);
  const value = decimals > 0 ? mantissa / tens[decimals]! : mantissa;
  return negative ? -value : value;
}

function parseSlowly(bytes: Uint8Array, start: number, end: number): number | undefined {
  const text = latin.decode(bytes.subarray(start, end)).trim();
  if (decimal.test(text)) {
    const value = Number(text);
    return /^[+-]?\d+$/.test(text) && !Number.isSafeInteger(value) ? undefined : value;
  }
  const special = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (special === null) return undefined;
  if (special[2]!.toLowerCase() === "nan") return NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}

const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3}0{0,6})?)?)(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * Milliseconds since 1970 UTC of an ISO 8601 date or time (`2011-03-09`, `2011-03-09T10:30:00.5Z`, with a space for the
 * T); a time without a zone is taken as UTC, so that a result does not depend on the machine. Undefined when it is none, or has digits
 * below the millisecond.
 */
export function parseTimestamp(text: string): number | undefined {
  const match = iso.exec(text.trim());
  if (match === null) return undefined;
  const [, date, time = "00:00", zone = "Z"] = match;
  // Date.parse takes 30 February for 2 March.
  const day = Date.parse(`${date}T00:00Z`);
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== date) return undefined;
  const milliseconds = Date.parse(
    `${date}T${time.replace(/(\.\d{3})\d+$/, "$1")}${zone.replace(/(\d\d)(\d\d)$/, "$1:$2")}`,
  );
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
