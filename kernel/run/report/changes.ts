import { quantityOf, type Comparison, type ComparisonRow } from "./comparison.ts";
import type { Recorded } from "./report-file.ts";

/** A compared quantity that is not as it was in the last report. */
export interface RowChange {
  readonly paper: string;
  readonly title: string;
  readonly quantity: string;
  /** Absent for a row that is new. */
  readonly before?: ComparisonRow;
  /** Absent for a row that is gone. */
  readonly after?: ComparisonRow;
}

/** What is not as it was in the last report. */
export interface Changes {
  /** When the last report was made. */
  readonly since: string;
  readonly rows: readonly RowChange[];
  /** Of the environment: a name with its values; empty where there was or is none. */
  readonly environment: readonly (readonly [name: string, before: string, after: string])[];
  /** The names of datasets that are other, new or gone. */
  readonly datasets: readonly string[];
}

/** Compares two reports, row by row: linear in their rows. */
export function changesBetween(before: Recorded, after: Recorded): Changes {
  const hashes = ({ datasets }: Recorded): Map<string, string> =>
    new Map(datasets.map(({ name, hash }) => [name, hash]));
  return {
    since: before.made,
    rows: rowChanges(before.comparisons, after.comparisons),
    environment: differing(new Map(before.environment), new Map(after.environment)),
    datasets: differing(hashes(before), hashes(after)).map(([name]) => name),
  };
}

/** Whether a quantity comes, goes, or moves from one verdict to another. */
export function changesVerdict({ before, after }: RowChange): boolean {
  return before?.verdict !== after?.verdict;
}

/** How much changed, as a sentence. */
export function changesText({ since, rows }: Changes): string {
  const come = rows.filter(({ before }) => before === undefined).length;
  const gone = rows.filter(({ after }) => after === undefined).length;
  const verdicts = rows.filter(changesVerdict).length - come - gone;
  const said =
    rows.length === 0
      ? "no verdict and no number has changed"
      : `verdicts changed: ${verdicts}; numbers changed under the same verdict: ${rows.length - verdicts - come - gone}; ` +
        `new: ${come}; no longer there: ${gone}`;
  return `Since the report of ${moment(since)}: ${said}.`;
}

/** A moment as readers write it: `2026-11-28 03:15 UTC`. */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

function differing(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): [string, string, string][] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name): [string, string, string] => [name, before.get(name) ?? "", after.get(name) ?? ""])
    .filter(([, old, now]) => old !== now);
}

function rowChanges(before: readonly Comparison[], after: readonly Comparison[]): RowChange[] {
  const old = byPlace(before);
  const now = byPlace(after);
  const places = new Set([...now.keys(), ...old.keys()]);
  return [...places].flatMap((place) => {
    const [was, is] = [old.get(place), now.get(place)];
    const either = is ?? was;
    if (either === undefined || (was !== undefined && is !== undefined && same(was.row, is.row))) return [];
    const { paper, title, row } = either;
    return {
      ...{ paper, title, quantity: quantityOf(row) },
      ...(was === undefined ? {} : { before: was.row }),
      ...(is === undefined ? {} : { after: is.row }),
    };
  });
}

type Placed = { readonly paper: string; readonly title: string; readonly row: ComparisonRow };

/** Rows by paper, comparison and quantity; those of one name are told apart by their order. */
function byPlace(comparisons: readonly Comparison[]): Map<string, Placed> {
  const placed = new Map<string, Placed>();
  for (const { paper, title, rows } of comparisons) {
    for (const row of rows) {
      const name = JSON.stringify([paper, title, quantityOf(row)]);
      let count = 1;
      while (placed.has(`${name} ${count}`)) count += 1;
      placed.set(`${name} ${count}`, { paper, title, row });
    }
  }
  return placed;
}

/** Whether two rows say the same; wording (source, reason) is not looked at. */
function same(a: ComparisonRow, b: ComparisonRow): boolean {
  const numbers = ["published", "reproduced", "analytic", "tolerance"] as const;
  return a.verdict === b.verdict && a.relation === b.relation && numbers.every((name) => a[name] === b[name]);
}
