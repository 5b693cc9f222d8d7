/** The true minus sign, as wide as a plus: numbers stay aligned. */
const MINUS = "\u2212";

/**
 * A number with a fixed count of decimals, thousands grouped by commas from 10,000 on, a true minus sign, and powers of
 * ten where it is 10^15 or more. The same text on every machine and in every locale.
 *
 * @example
 * ```ts
 * import { formatFixed } from "veelab";
 *
 * console.log(formatFixed(-12539673680.4, 0)); // −12,539,673,680
 * ```
 */
export function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  if (Math.abs(value) >= 1e15) return formatExponential(value, 4);
  const [whole = "", part] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.length > 4 ? whole.replace(/(?<=\d)(?=(?:\d{3})+$)/g, ",") : whole;
  const digits = part === undefined ? grouped : `${grouped}.${part}`;
  // A value that rounds to zero has no sign.
  return value < 0 && /[1-9]/.test(digits) ? MINUS + digits : digits;
}

/**
 * A number with so many significant digits at most, without trailing zeros; powers of ten below 0.0001 and from 10^15.
 * Whole numbers keep all of their digits.
 *
 * @example
 * ```ts
 * import { formatSignificant } from "veelab";
 *
 * console.log(formatSignificant(0.0000102216, 3), formatSignificant(99.8471)); // 1.02e−5 99.85
 * ```
 */
export function formatSignificant(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return notFinite(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return formatExponential(value, digits);
  if (Number.isInteger(value)) return formatFixed(value, 0);
  // Rounded first: 9.9996 to four digits is 10.00, which has one decimal fewer than 9.9996 seems to need.
  const rounded = Number(value.toPrecision(digits));
  return formatFixed(rounded, decimalsOf(rounded));
}

/** How many decimals a number is written with at its shortest: 0 for 383, 2 for 100.34, 7 for 1e-7. */
export function decimalsOf(value: number): number {
  const [mantissa = "", exponent = "0"] = Math.abs(value).toString().split("e");
  const written = mantissa.split(".")[1]?.length ?? 0;
  return Math.max(0, written - Number(exponent));
}

function formatExponential(value: number, digits: number): string {
  const [mantissa = "", exponent = "0"] = Math.abs(value)
    .toExponential(digits - 1)
    .split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  const power = exponent.startsWith("-") ? MINUS + exponent.slice(1) : exponent.replace("+", "");
  return `${value < 0 ? MINUS : ""}${short}e${power}`;
}

function notFinite(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : `${MINUS}∞`;
}
