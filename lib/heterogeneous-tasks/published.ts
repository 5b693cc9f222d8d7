import { open } from "../../datasets/index.ts";
import { SimulationError } from "../core/errors.ts";
import { toRows } from "../core/table.ts";

/**
 * The published performance of kernels that Lime's compiler made for graphics processors, as a share of that of OpenCL kernels written by hand: the abstract of Dubach,
 * Cheng, Rabbah, Bacon and Fink, PLDI 2012. The keynote has no number.
 *
 * @example
 * ```ts
 * import { publishedNativeShare, type PublishedRange } from "veelab/heterogeneous-tasks";
 * const range: PublishedRange = await publishedNativeShare();
 * console.log(range.min, range.max); // 0.75 1.4
 * ```
 */
export interface PublishedRange {
  /** The lowest share. */
  readonly min: number;
  /** The highest share. */
  readonly max: number;
}

/**
 * Reads the {@link PublishedRange} of Lime's kernels from the catalogue.
 *
 * @example
 * ```ts
 * import { publishedNativeShare } from "veelab/heterogeneous-tasks";
 * console.log((await publishedNativeShare()).max); // 1.4
 * ```
 */
export async function publishedNativeShare(): Promise<PublishedRange> {
  const rows = toRows(await open("published/headline-claims"));
  const row = rows.find(
    ({ slug, claim }) => slug === "heterogeneous-tasks" && String(claim).includes("Lime-compiled GPU kernels"),
  );
  const [min = NaN, max = NaN] = String(row?.["value"])
    .split("..")
    .map((percent) => Number(percent) / 100);
  if (!(min <= max)) throw new SimulationError("heterogeneous-tasks", "no published range of Lime's kernels");
  return { min, max };
}
