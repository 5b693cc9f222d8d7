import { toRows } from "../core/table.ts";
import { open } from "../../datasets/index.ts";

/**
 * A number of the paper.
 *
 * @example
 * ```ts
 * import { publishedNumbers, type PublishedNumber } from "veelab/paper-template";
 *
 * const known = ({ value }: PublishedNumber): boolean => value !== null;
 * console.log((await publishedNumbers()).filter(known).length); // 0
 * ```
 */
export interface PublishedNumber {
  /** What, in the paper's own words. */
  readonly quantity: string;
  /** The unit; empty for a pure number. */
  readonly unit: string;
  /** The number as printed; null where none is known. Never filled in from memory. */
  readonly value: number | null;
  /** Where it stands, with its mark: `Table 3 [paper]`. */
  readonly source: string;
}

/**
 * What the paper printed, as `datasets/published/paper-template.csv` has it. Reads the table once each time.
 *
 * @example
 * ```ts
 * import { publishedNumbers } from "veelab/paper-template";
 *
 * for (const { quantity, value } of await publishedNumbers()) console.log(quantity, value);
 * ```
 */
export async function publishedNumbers(): Promise<readonly PublishedNumber[]> {
  const table = await open("published/paper-template");
  return toRows(table).map(({ quantity, unit, value, source }) => ({
    quantity: String(quantity),
    unit: String(unit ?? ""),
    value: typeof value === "number" ? value : null,
    source: String(source),
  }));
}
