import type { ComparisonRow, Verdict } from "./comparison.ts";

/** A compared row as a reader sees it. */
export interface RowText {
  readonly quantity: string;
  readonly published: string;
  readonly reproduced: string;
  readonly analytic: string;
  readonly difference: string;
  readonly tolerance: string;
  readonly verdict: string;
}

/** A sign beside each verdict's word: it must not rest on colour. */
const SIGNS: Readonly<Record<Verdict, string>> = {
  agrees: "✓",
  differs: "✗",
  "not published": "–",
  calibration: "∘",
};

const BOUNDS: Readonly<Record<string, string>> = { about: "≈ ", "at most": "≤ ", "at least": "≥ " };
const SLACK: Readonly<Record<string, string>> = { "at most": "+", "at least": "−" };

/**
 * A row's numbers with as many decimals as the published number has or two digits of the tolerance need, whichever is
 * more; a difference that would then seem to be within the tolerance, and is not, gets more.
 */
export function rowText(row: ComparisonRow): RowText {
  const { published, reproduced, analytic, difference, tolerance, verdict } = row;
  // A published power of ten makes the whole row powers of ten.
  const decimals = isExtreme(published) ? undefined : decimalsOf(row);
  const fixed = (value: number | null): string => (value === null ? "" : formatNumber(value, decimals));
  return {
    quantity: row.unit === "" ? row.quantity : `${row.quantity} [${row.unit}]`,
    published: published === null ? "" : `${BOUNDS[row.relation] ?? ""}${formatNumber(published)}`,
    reproduced: fixed(reproduced),
    analytic: fixed(analytic),
    difference: difference === null ? "" : `${difference > 0 ? "+" : ""}${fixed(difference)}`,
    tolerance:
      tolerance === null ? "" : `${SLACK[row.relation] ?? "±"}${formatNumber(Number(tolerance.toPrecision(2)))}`,
    verdict: `${SIGNS[verdict]} ${verdict}`,
  };
}

function decimalsOf({ published, reproduced, difference, tolerance, verdict }: ComparisonRow): number {
  const needed =
    tolerance === null || tolerance <= 0
      ? written(Number((reproduced ?? published ?? 0).toPrecision(4)))
      : 1 - Math.floor(Math.log10(tolerance));
  let decimals = Math.min(Math.max(published === null ? 0 : written(published), needed, 0), 15);
  if (verdict !== "differs" || difference === null || tolerance === null) return decimals;
  const size = Math.abs(difference);
  while (size > tolerance && Number(size.toFixed(decimals)) <= tolerance && decimals < 15) decimals += 1;
  return decimals;
}

/** How many decimals a number is written with at its shortest. */
function written(value: number): number {
  const [mantissa = "", exponent = "0"] = String(Math.abs(value)).split("e");
  return Math.max(0, (mantissa.split(".")[1]?.length ?? 0) - Number(exponent));
}

/** A number in full (or with fixed decimals), with a true minus sign; powers of ten for the very large and small. */
function formatNumber(value: number, decimals?: number): string {
  const size = Math.abs(value);
  const plain = isExtreme(value) ? power(size) : decimals === undefined ? String(size) : size.toFixed(decimals);
  return value < 0 && /[1-9]/u.test(plain) ? `−${plain}` : plain;
}

function isExtreme(value: number | null): boolean {
  const size = Math.abs(value ?? 0);
  return size !== 0 && (size < 1e-4 || size >= 1e9);
}

function power(size: number): string {
  const [mantissa = "", exponent = ""] = size.toExponential(3).split("e");
  return `${mantissa.replace(/\.?0+$/u, "")}e${exponent.replace("+", "").replace("-", "−")}`;
}
