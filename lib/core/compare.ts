import type { Table } from "apache-arrow";
import { comparisonHtml, comparisonRowText, comparisonText } from "./comparison-display.ts";
import { DISPLAY } from "./display.ts";
import { OptionError } from "./errors.ts";
import { finite, nonNegative, oneOf, onlyOptions, positive } from "./options.ts";
import { fromRows } from "./table.ts";

/** How a published number bounds the reproduced one. */
export type Relation = "equal" | "about" | "at most" | "at least";

/** Evidence counts; a number that was used to fit a parameter is calibration and never counts as agreement. */
export type Role = "evidence" | "calibration";

/** What a comparison says of one quantity. */
export type Verdict = "agrees" | "differs" | "not published" | "calibration";

/** A tolerance as a share of the published value. */
export interface RelativeTolerance {
  /** 0.05 for 5 % of the published value. */
  readonly relative: number;
}

/** One quantity to compare, as it is given to {@link compare}. */
export interface ComparisonInput {
  /** What is compared, in the paper's own words: `gcc, DSP`. */
  readonly quantity: string;
  /** The unit of all of the row's numbers; an empty text for a pure number. */
  readonly unit: string;
  /** The paper's number; null where none was published or none is known. Never filled in from memory. */
  readonly published: number | null;
  /** Where the published number stands, with its mark: `Table 3 [paper]`. */
  readonly source: string;
  /** `equal` and `about` bound both sides (`about`: the paper itself rounds), `at most` and `at least` one. */
  readonly relation: Relation;
  /** What the simulator computed; null where it computes no such quantity. */
  readonly reproduced: number | null;
  /** The closed form's number, written without looking at the simulator. */
  readonly analytic?: number | null;
  /** How far the reproduced number may be off, in the unit, or as a share of the published one. Fixed before the run. */
  readonly tolerance?: number | RelativeTolerance;
  /** Why the tolerance is what it is; for calibration, what was fitted. */
  readonly reason?: string;
  /** `evidence` unless given. */
  readonly role?: Role;
}

/** What a comparison is about. */
export interface ComparisonHeading {
  /** The paper's folder name: `selective-paging`. Without it the table is shown, and no report counts it. */
  readonly paper?: string;
  /** What is compared: `Table 3`. */
  readonly title: string;
}

/** A compared quantity: what was given, completed, and the verdict. The tolerance is absolute, in the unit. */
export type ComparisonRow = {
  /** What is compared. */
  readonly quantity: string;
  /** The unit of the row's numbers; empty for a pure number. */
  readonly unit: string;
  /** The paper's number; null where none was published. */
  readonly published: number | null;
  /** Where the published number stands, with its mark. */
  readonly source: string;
  /** How the published number bounds the reproduced one. */
  readonly relation: Relation;
  /** What the simulator computed. */
  readonly reproduced: number | null;
  /** The closed form's number. */
  readonly analytic: number | null;
  /** Reproduced − published. */
  readonly difference: number | null;
  /** How far the reproduced number may be off, in the unit. */
  readonly tolerance: number | null;
  /** Why the tolerance is what it is; empty where nothing was published. */
  readonly reason: string;
  /** Whether the row counts, or was used to fit a parameter. */
  readonly role: Role;
  /** What follows from all of this. */
  readonly verdict: Verdict;
};

/** How many rows have each verdict. */
export interface VerdictCounts {
  /** Reproduced within the tolerance. */
  readonly agrees: number;
  /** Published, but reproduced outside the tolerance or not at all. */
  readonly differs: number;
  /** With nothing to compare to. */
  readonly notPublished: number;
  /** Used to fit a parameter. */
  readonly calibration: number;
}

/** Published against reproduced numbers of one paper, with its display for notebooks. */
export interface Comparison {
  /** The paper's folder name; absent for a comparison that no report counts. */
  readonly paper?: string;
  /** What is compared. */
  readonly title: string;
  /** The rows in the order given. */
  readonly rows: readonly ComparisonRow[];
  /** How many rows have each verdict. */
  readonly counts: VerdictCounts;
  /** The rows as an Arrow table, a column a field. */
  readonly table: Table;
  /** `text/html`, `text/plain` and, with a paper, `application/vnd.veelab.comparison+json` (paper, title, rows, each with its numbers as text). */
  readonly [DISPLAY]: () => Readonly<Record<string, unknown>>;
}

/**
 * Puts published, reproduced and analytic numbers side by side, with the difference, the tolerance that was fixed
 * before the run, and a verdict a row:
 *
 * - nothing published: `not published`;
 * - role `calibration`: `calibration`, whatever the numbers;
 * - published, but not reproduced: `differs`;
 * - `equal`, `about`: `agrees` if |reproduced − published| ≤ tolerance;
 * - `at most`: if reproduced ≤ published + tolerance; `at least`: if reproduced ≥ published − tolerance.
 *
 * A bound counts as kept within 1e-12 of the numbers' size, so that 100.4 − 100.1 is within 0.3. The analytic number
 * is shown and takes no part in the verdict. A table in a notebook shows the rows; the notebooks' runner collects them
 * for its report, except those without a paper (examples, an analyst's own numbers). Linear in the rows.
 *
 * @param heading - the paper's folder name (`selective-paging`) and what is compared (`Table 3`)
 * @param rows - at least one; evidence with a published number needs `tolerance` and `reason`, calibration `reason`
 * @throws OptionError naming the row: a number that is not finite, a missing tolerance or reason
 *
 * @example
 * ```ts
 * import { compare } from "veelab";
 *
 * const table3 = compare({ paper: "selective-paging", title: "Table 3, run times" }, [
 *   {
 *     quantity: "mcf, shadow paging",
 *     unit: "s",
 *     published: 329,
 *     source: "Table 3 [paper]",
 *     relation: "equal",
 *     reproduced: 328.6,
 *     tolerance: 2,
 *     reason: "half-width of the published confidence interval",
 *   },
 * ]);
 * console.log(table3.counts.agrees, table3.rows[0]?.verdict); // 1 agrees
 * ```
 */
export function compare(heading: ComparisonHeading, rows: readonly ComparisonInput[]): Comparison {
  onlyOptions(heading, ["paper", "title"], "heading");
  const { paper, title } = heading;
  if (paper !== undefined) named("paper", paper);
  named("title", title);
  if (rows.length === 0) throw new OptionError("rows", "at least one row", rows);
  const completed = rows.map((row, index) => complete(`rows[${index}]`, row));
  const count = (verdict: Verdict): number => completed.filter((row) => row.verdict === verdict).length;
  const counts = {
    agrees: count("agrees"),
    differs: count("differs"),
    notPublished: count("not published"),
    calibration: count("calibration"),
  };
  return {
    ...(paper === undefined ? {} : { paper }),
    title,
    rows: completed,
    counts,
    table: fromRows(completed),
    [DISPLAY]: () => ({
      "text/plain": comparisonText(title, completed, counts),
      "text/html": comparisonHtml(title, completed, counts),
      ...(paper === undefined
        ? {}
        : {
            "application/vnd.veelab.comparison+json": {
              paper,
              title,
              rows: completed.map((row) => ({ ...row, text: comparisonRowText(row) })),
            },
          }),
    }),
  };
}

const NAMES = [
  ...["quantity", "unit", "published", "source", "relation", "reproduced"],
  ...["analytic", "tolerance", "reason", "role"],
];

function complete(place: string, input: ComparisonInput): ComparisonRow {
  onlyOptions(input, NAMES, place);
  named(`${place}.quantity`, input.quantity);
  // From here on the sentence names the row by its quantity: an index is hard to find in a notebook.
  const where = `${place} (${input.quantity})`;
  const published = numberOrNull(`${where}.published`, input.published);
  const reproduced = numberOrNull(`${where}.reproduced`, input.reproduced);
  const role = oneOf(`${where}.role`, input.role ?? "evidence", ["evidence", "calibration"]);
  const relation = oneOf(`${where}.relation`, input.relation, ["equal", "about", "at most", "at least"]);
  if (typeof input.unit !== "string")
    throw new OptionError(`${where}.unit`, "a text (empty for a pure number)", input.unit);
  named(`${where}.source`, input.source);
  const tolerance = toleranceOf(where, input, published);
  if (published !== null && role === "evidence" && tolerance === null) {
    throw new OptionError(`${where}.tolerance`, "a number or { relative } fixed before the run", input.tolerance);
  }
  if (published !== null) named(`${where}.reason`, input.reason);
  const difference = published === null || reproduced === null ? null : reproduced - published;
  return {
    quantity: input.quantity,
    unit: input.unit,
    published,
    source: input.source,
    relation,
    reproduced,
    analytic: numberOrNull(`${where}.analytic`, input.analytic ?? null),
    difference,
    tolerance,
    reason: input.reason ?? "",
    role,
    verdict:
      published === null
        ? "not published"
        : role === "calibration"
          ? "calibration"
          : difference !== null && holds(relation, difference, tolerance ?? 0, Math.abs(published))
            ? "agrees"
            : "differs",
  };
}

/**
 * A row for a quantity that the paper evaluates and whose value is not known: "published: not available".
 *
 * @param quantity - what the paper evaluates
 * @param unit - the unit of the numbers; empty for a pure number
 * @param reproduced - the simulator's number; null where it computes no such quantity
 * @param analytic - the closed form's number
 *
 * @example
 * ```ts
 * import { compare, unpublished } from "veelab";
 *
 * const rows = [unpublished("extra traffic saved", "%", 38)];
 * console.log(compare({ title: "extra traffic" }, rows).counts.notPublished); // 1
 * ```
 */
export function unpublished(
  quantity: string,
  unit: string,
  reproduced: number | null,
  analytic: number | null = null,
): ComparisonInput {
  return { quantity, unit, published: null, source: "not available", relation: "about", reproduced, analytic };
}

function holds(relation: Relation, difference: number, tolerance: number, size: number): boolean {
  const bound = tolerance + 1e-12 * Math.max(size, tolerance);
  if (relation === "at most") return difference <= bound;
  if (relation === "at least") return difference >= -bound;
  return Math.abs(difference) <= bound;
}

function toleranceOf(where: string, { tolerance }: ComparisonInput, published: number | null): number | null {
  if (tolerance === undefined) return null;
  if (typeof tolerance === "number") return nonNegative(`${where}.tolerance`, tolerance);
  onlyOptions(tolerance, ["relative"], `${where}.tolerance`);
  const relative = positive(`${where}.tolerance.relative`, tolerance.relative);
  if (published === null) return null;
  if (published === 0) throw new OptionError(`${where}.tolerance`, "an absolute tolerance (0 is published)", tolerance);
  return relative * Math.abs(published);
}

function numberOrNull(name: string, value: unknown): number | null {
  return value === null ? null : finite(name, value);
}

function named(name: string, value: unknown): void {
  if (typeof value !== "string" || value.trim() === "")
    throw new OptionError(name, "a text that says what it is", value);
}
