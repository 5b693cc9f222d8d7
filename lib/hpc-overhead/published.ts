import { open } from "../../datasets/index.ts";
import { SimulationError } from "../core/errors.ts";
import { toRows } from "../core/table.ts";

/**
 * The published bounds: the paper's own, and that of a study of injected noise. The paper's text was not available, so none
 * of its figures is among them.
 *
 * @example
 * ```ts
 * import { publishedBounds, type PublishedBounds } from "veelab/hpc-overhead";
 * const bounds: PublishedBounds = await publishedBounds();
 * console.log(bounds.overheadPct, bounds.noiseSlowdown); // 5 20
 * ```
 */
export interface PublishedBounds {
  /** At most so much longer than natively, at up to 4096 nodes, %: the paper's abstract. */
  readonly overheadPct: number;
  /**
   * More than so many times as long, with 2.5 % of noise at 10,000 nodes, in the worst case: the abstract of Ferreira, Bridges and Brightwell,
   * SC 2008. In the best case no impact.
   */
  readonly noiseSlowdown: number;
}

/**
 * Reads {@link PublishedBounds} from the catalogue.
 *
 * @example
 * ```ts
 * import { publishedBounds } from "veelab/hpc-overhead";
 * console.log((await publishedBounds()).overheadPct); // 5
 * ```
 */
export async function publishedBounds(): Promise<PublishedBounds> {
  const rows = toRows(await open("published/headline-claims")).filter((row) => row["slug"] === "hpc-overhead");
  const valueOf = (start: string): number => {
    const value = Number(rows.find(({ claim }) => typeof claim === "string" && claim.startsWith(start))?.["value"]);
    if (!(value > 0)) throw new SimulationError("hpc-overhead", `no published number for "${start}"`);
    return value;
  };
  return {
    overheadPct: valueOf("overhead on key HPC applications"),
    noiseSlowdown: valueOf("related: 2.5 % net noise at 10000 nodes, most harmful"),
  };
}
