import { isJsonObject, type Json, type JsonObject } from "../../protocol/json.ts";
import type { Notebook } from "../notebook.ts";

/** The MIME type by which a cell says what it compared. */
const COMPARISON_MIME = "application/vnd.veelab.comparison+json";

/** What a comparison says of a quantity. Calibration was used to fit a parameter and is never agreement. */
export type Verdict = "agrees" | "differs" | "not published" | "calibration";

/** A compared quantity; the numbers are in `unit`, null where there is none. */
export interface ComparisonRow {
  readonly quantity: string;
  readonly unit: string;
  readonly published: number | null;
  /** Where the published number stands. */
  readonly source: string;
  /** How the published number bounds the reproduced one: `equal`, `about`, `at most`, `at least`. */
  readonly relation: string;
  readonly reproduced: number | null;
  readonly analytic: number | null;
  readonly difference: number | null;
  readonly tolerance: number | null;
  /** Why the tolerance is what it is. */
  readonly reason: string;
  readonly verdict: Verdict;
  /** The row's numbers and verdict as its author's library writes them. */
  readonly text: RowText;
}

/** A compared row's numbers as readers see them; empty where there is none. */
export interface RowText {
  readonly published: string;
  readonly reproduced: string;
  readonly analytic: string;
  readonly difference: string;
  readonly tolerance: string;
  readonly verdict: string;
}

/** A table of published against reproduced numbers. */
export interface Comparison {
  /** The paper's short name. */
  readonly paper: string;
  readonly title: string;
  readonly rows: readonly ComparisonRow[];
}

/** How many rows have each verdict. */
export type Counts = Readonly<Record<Verdict, number>>;

/** The verdicts in the order in which they are shown. */
export const VERDICTS: readonly Verdict[] = ["agrees", "differs", "not published", "calibration"];

/** The comparisons among a notebook's outputs, in order. What is not of the expected shape is left out. */
export function comparisonsOf(notebook: Notebook): Comparison[] {
  return notebook.cells
    .flatMap((cell) => (cell.cell_type === "code" ? cell.outputs : []))
    .flatMap((output) => ("data" in output ? [output.data[COMPARISON_MIME]] : []))
    .filter(isJsonObject)
    .map(readComparison);
}

/** A comparison as an output or a report has it. */
export function readComparison(value: JsonObject): Comparison {
  const rows = value["rows"];
  return {
    paper: text(value["paper"]),
    title: text(value["title"]),
    rows: (Array.isArray(rows) ? (rows as readonly Json[]) : []).filter(isJsonObject).map(readRow),
  };
}

function readRow(row: JsonObject): ComparisonRow {
  const published = number(row["published"]);
  const given = VERDICTS.find((each) => each === row["verdict"]);
  // Whoever marks a row as calibration, it does not count; a row without a verdict has not shown agreement.
  const verdict =
    published === null ? "not published" : row["role"] === "calibration" ? "calibration" : (given ?? "differs");
  return {
    quantity: text(row["quantity"]),
    unit: text(row["unit"]),
    published,
    source: text(row["source"]),
    relation: text(row["relation"]),
    reproduced: number(row["reproduced"]),
    analytic: number(row["analytic"]),
    difference: number(row["difference"]),
    tolerance: number(row["tolerance"]),
    reason: text(row["reason"]),
    verdict,
    text: readText(row, verdict),
  };
}

/** A row from another library may lack the text: then its numbers are shown as they are. */
function readText(row: JsonObject, verdict: Verdict): RowText {
  const written = row["text"] ?? null;
  const field = (name: keyof RowText, otherwise: string): string =>
    (isJsonObject(written) ? text(written[name]) : "") || otherwise;
  const shown = (name: keyof RowText): string => field(name, String(number(row[name]) ?? ""));
  return {
    published: shown("published"),
    reproduced: shown("reproduced"),
    analytic: shown("analytic"),
    difference: shown("difference"),
    tolerance: shown("tolerance"),
    verdict: field("verdict", verdict),
  };
}

/** What a row compares, with its unit. */
export function quantityOf({ quantity, unit }: ComparisonRow): string {
  return unit === "" ? quantity : `${quantity} [${unit}]`;
}

/** Counts the verdicts of rows. */
export function countVerdicts(rows: readonly ComparisonRow[]): Counts {
  const count = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length;
  return {
    agrees: count("agrees"),
    differs: count("differs"),
    "not published": count("not published"),
    calibration: count("calibration"),
  };
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const number = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);
