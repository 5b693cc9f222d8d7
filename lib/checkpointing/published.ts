import { open } from "../../datasets/index.ts";
import { SimulationError } from "../core/errors.ts";
import { toRows } from "../core/table.ts";

/**
 * A published average of the paper's abstract: how much less a checkpoint stores or takes than unmodified Xen's.
 *
 * @example
 * ```ts
 * import { publishedReductions, type PublishedReduction } from "veelab/checkpointing";
 * const left = ({ reductionPct }: PublishedReduction): number => 100 - reductionPct;
 * console.log((await publishedReductions()).map(left).join()); // 19,26,36,38
 * ```
 */
export interface PublishedReduction {
  /** `PV`: paravirtual Linux. `HVM`: Windows and Linux, fully virtualised. */
  readonly guests: "PV" | "HVM";
  /** What is less: the image's size or the checkpoint's time. */
  readonly what: "size" | "time";
  /** By how much, % of unmodified Xen's, an average over workloads that are not known. */
  readonly reductionPct: number;
  /** Where it stands. */
  readonly source: string;
}

/**
 * The four numbers of the abstract; the paper's text was not available, so its figures are not among them.
 *
 * @example
 * ```ts
 * import { publishedReductions } from "veelab/checkpointing";
 * console.log((await publishedReductions()).map((row) => row.reductionPct).join()); // 81,74,64,62
 * ```
 */
export async function publishedReductions(): Promise<PublishedReduction[]> {
  const rows = toRows(await open("published/headline-claims")).filter((row) => row["slug"] === "checkpointing");
  return rows
    .filter((row) => row["source_mark"] === "[abstract]")
    .map((row) => {
      const [quantity, value] = [row["claim"], Number(row["value"])];
      if (typeof quantity !== "string" || !(value < 0))
        throw new SimulationError("checkpointing", "published numbers: a row without a quantity or a reduction");
      return {
        guests: quantity.includes("PV Linux") ? "PV" : "HVM",
        what: quantity.startsWith("checkpoint time") ? "time" : "size",
        reductionPct: -value,
        source: "abstract [paper]",
      } as const;
    });
}
