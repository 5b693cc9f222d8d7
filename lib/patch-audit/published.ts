import { stream } from "../../datasets/index.ts";
import { SimulationError } from "../core/errors.ts";
import { numbersOf } from "../traces/columns.ts";
import { wordsIn } from "./read-database.ts";

/**
 * What is known of the paper's numbers: its abstract's, and Patagonix's. The rest of its evaluation was not to be had.
 *
 * @example
 * ```ts
 * import { publishedClaims } from "veelab/patch-audit";
 * const { surveyPct, overheadPct } = await publishedClaims();
 * console.log(surveyPct.value, overheadPct.value); // 64 4
 * ```
 */
export interface PublishedClaims {
  /** Files modified by security updates that contain no binary code, %; by which rule of counting is not known. */
  readonly surveyPct: PublishedClaim;
  /** Overhead of P2, %; on which benchmarks is not known. */
  readonly overheadPct: PublishedClaim;
  /** Overhead of Patagonix on most applications is below this, %. */
  readonly patagonixPct: PublishedClaim;
}

/** A number with the place where it stands. */
export interface PublishedClaim {
  /** The number. */
  readonly value: number;
  /** The source, with its mark. */
  readonly source: string;
}

/**
 * The claims of `published/headline-claims`.
 *
 * @throws SimulationError for a claim that the table lacks
 *
 * @example
 * ```ts
 * import { publishedClaims } from "veelab/patch-audit";
 * console.log((await publishedClaims()).patagonixPct.source); // [found: abstract]
 * ```
 */
export async function publishedClaims(): Promise<PublishedClaims> {
  const claims: { claim: string; value: number; source: string }[] = [];
  for await (const batch of stream("published/headline-claims")) {
    const [slug, claim, mark] = [wordsIn(batch, "slug"), wordsIn(batch, "claim"), wordsIn(batch, "source_mark")];
    const value = numbersOf(batch, "value_min");
    for (let row = 0; row < batch.numRows; row += 1)
      if (slug(row) === "patch-audit") claims.push({ claim: claim(row), value: value[row]!, source: mark(row) });
  }
  const claimOf = (words: string): PublishedClaim => {
    const found = claims.find(({ claim }) => claim.includes(words));
    if (found === undefined)
      throw new SimulationError("patch-audit", `published numbers: expected a claim with "${words}", got none`);
    return { value: found.value, source: found.source };
  };
  return {
    surveyPct: claimOf("no binary code"),
    overheadPct: claimOf("overhead of P2"),
    patagonixPct: claimOf("Patagonix"),
  };
}
