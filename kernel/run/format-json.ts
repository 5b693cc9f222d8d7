import type { Json } from "../protocol/json.ts";

/** A JSON value's kind and, for a scalar, the value, as an error message shows it. */
export function showJson(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/**
 * JSON text exactly as Python's `json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False)` writes it, which is
 * what nbformat, and so every Jupyter server, saves: a notebook stays byte-identical whichever tool saved it last.
 * Numbers are written as Python would after reading ours: `1e-7` as `1e-07`, `0.00001` as `1e-05`.
 */
export function formatJson(value: Json): string {
  return format(value, "\n");
}

function format(value: Json, newline: string): string {
  if (typeof value === "number") return formatNumber(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${newline} `;
  if (isList(value)) {
    if (value.length === 0) return "[]";
    return `[${inner}${value.map((item) => format(item, inner)).join(`,${inner}`)}${newline}]`;
  }
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort(byCodePoint);
  if (keys.length === 0) return "{}";
  const members = keys.map((key) => `${JSON.stringify(key)}: ${format(value[key]!, inner)}`);
  return `{${inner}${members.join(`,${inner}`)}${newline}}`;
}

// Array.isArray does not narrow a readonly list.
function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

/** Python orders strings by code point, JavaScript by UTF-16 code unit: they differ above the surrogates. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);

function formatNumber(value: number): string {
  const plain = JSON.stringify(value);
  if (Number.isInteger(value) || plain === "null") return plain;
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 16) return plain;
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
