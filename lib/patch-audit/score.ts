import type { Module } from "./candidates.ts";
import type { Database } from "./database.ts";
import { batchesOf, eventKinds, type Events, none } from "./events.ts";

/**
 * When each binary is first executed, ns, by its place in the database; NaN for one that is not.
 *
 * @example
 * ```ts
 * import { database, generateEvents, groundTruth } from "veelab/patch-audit";
 * const one = { package: "a", version: "1", release: "new", file: "a.so", addressPages: [1], hashes: [5n] } as const;
 * const known = database([one]);
 * const [firstNs] = await groundTruth(generateEvents(known, { seed: 1, outdatedShare: 0 }), known);
 * console.log(firstNs! > 0); // true
 * ```
 */
export async function groundTruth(events: Events, { binaries }: Database): Promise<Float64Array> {
  const firstNs = new Float64Array(binaries.length).fill(NaN);
  const exec = eventKinds.indexOf("exec");
  for await (const { kind, file, timeNs } of batchesOf(events))
    for (let row = 0; row < kind.length; row += 1) {
      const binary = file[row]!;
      if (kind[row] === exec && binary !== none && Number.isNaN(firstNs[binary]!)) firstNs[binary] = timeNs[row]!;
    }
  return firstNs;
}

/**
 * An audit against what really ran.
 *
 * @example
 * ```ts
 * import type { Score } from "veelab/patch-audit";
 * const recall = ({ truePositives, falseNegatives }: Score): number => truePositives / (truePositives + falseNegatives);
 * console.log(typeof recall);
 * ```
 */
export type Score = {
  /** Outdated binaries that ran, and are candidates of a module found unpatched. */
  readonly truePositives: number;
  /** Modules found unpatched none of whose candidates ran. */
  readonly falsePositives: number;
  /** Outdated binaries that ran and were not found. */
  readonly falseNegatives: number;
  /** Up-to-date binaries that ran. */
  readonly trueNegatives: number;
  /** From the first execution of an outdated binary to its report, mean over those found, ms; null when none is. */
  readonly meanLatencyMs: number | null;
  /** The longest of these, ms. */
  readonly longestLatencyMs: number | null;
};

/**
 * Scores an audit. Linear in modules and their candidates.
 *
 * @param firstNs - when each binary first ran, see {@link groundTruth}
 *
 * @example
 * ```ts
 * import { audit, audit2011, database, generateEvents, groundTruth, score } from "veelab/patch-audit";
 * const old = { package: "a", version: "1", release: "old", file: "a.so", addressPages: [1], hashes: [5n] } as const;
 * const known = database([old]);
 * const events = [...generateEvents(known, { seed: 1, outdatedShare: 1 })];
 * const { modules } = await audit(events, known, { costs: audit2011 });
 * console.log(score(modules, await groundTruth(events, known), known).truePositives); // 1
 * ```
 */
export function score(modules: readonly Module[], firstNs: Float64Array, { binaries }: Database): Score {
  const reportNs = new Float64Array(binaries.length).fill(NaN);
  let falsePositives = 0;
  for (const { unpatchedNs, binaries: candidates } of modules) {
    if (Number.isNaN(unpatchedNs)) continue;
    const real = candidates.filter((binary) => !Number.isNaN(firstNs[binary]!));
    if (real.length === 0) falsePositives += 1;
    for (const binary of real) if (!(reportNs[binary]! <= unpatchedNs)) reportNs[binary] = unpatchedNs;
  }
  let [truePositives, falseNegatives, trueNegatives] = [0, 0, 0];
  const latenciesMs: number[] = [];
  for (const [binary, { outdated }] of binaries.entries()) {
    if (Number.isNaN(firstNs[binary]!)) continue;
    if (!outdated) trueNegatives += 1;
    else if (Number.isNaN(reportNs[binary]!)) falseNegatives += 1;
    else {
      truePositives += 1;
      latenciesMs.push((reportNs[binary]! - firstNs[binary]!) / 1e6);
    }
  }
  return {
    ...{ truePositives, falsePositives, falseNegatives, trueNegatives },
    meanLatencyMs: latenciesMs.length === 0 ? null : latenciesMs.reduce((sum, ms) => sum + ms, 0) / latenciesMs.length,
    longestLatencyMs: latenciesMs.length === 0 ? null : Math.max(...latenciesMs),
  };
}
