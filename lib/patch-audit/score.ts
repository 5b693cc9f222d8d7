import type { Module } from "./candidates.ts";
import type { Database } from "./database.ts";
import { batchesOf, eventKinds, type Events, none } from "./events.ts";

/**
 * When each binary is first executed in each address space, ns: by the space, then by the binary's place in the database; NaN for
 * one that is not. 8 bytes a space and binary.
 *
 * @example
 * ```ts
 * import { database, generateEvents, groundTruth } from "veelab/patch-audit";
 * const one = { package: "a", version: "1", release: "new", file: "a.so", addressPages: [1], hashes: [5n] } as const;
 * const known = database([one]);
 * const truth = await groundTruth(generateEvents(known, { seed: 1, spaces: 2, outdatedShare: 0 }), known);
 * console.log(truth.size, truth.get(0)![0]! > 0); // 2 true
 * ```
 */
export async function groundTruth(events: Events, { binaries }: Database): Promise<ReadonlyMap<number, Float64Array>> {
  const truth = new Map<number, Float64Array>();
  const exec = eventKinds.indexOf("exec");
  for await (const { kind, space, file, timeNs } of batchesOf(events))
    for (let row = 0; row < kind.length; row += 1) {
      const binary = file[row]!;
      if (kind[row] !== exec || binary === none) continue;
      let firstNs = truth.get(space[row]!);
      if (firstNs === undefined) truth.set(space[row]!, (firstNs = new Float64Array(binaries.length).fill(NaN)));
      if (Number.isNaN(firstNs[binary]!)) firstNs[binary] = timeNs[row]!;
    }
  return truth;
}

/**
 * An outdated binary that ran in an address space, and what the audit made of it.
 *
 * @example
 * ```ts
 * import type { OutdatedRun } from "veelab/patch-audit";
 * const isFound = ({ latencyMs }: OutdatedRun): boolean => latencyMs !== null;
 * console.log(typeof isFound);
 * ```
 */
export interface OutdatedRun {
  /** The address space. */
  readonly space: number;
  /** The binary, a place in the database's `binaries`. */
  readonly binary: number;
  /** From its first execution there to its first report there, ms; null for one that is not reported. */
  readonly latencyMs: number | null;
}

/**
 * What became of each outdated binary that ran, an address space each: reported where it is a candidate of a module of that space
 * that was found unpatched. Linear in modules and their candidates, and in spaces times binaries.
 *
 * @param truth - what really ran, see {@link groundTruth}
 *
 * @example
 * ```ts
 * import { audit, audit2011, database, generateEvents, groundTruth, outdatedRuns } from "veelab/patch-audit";
 * const old = { package: "a", version: "1", release: "old", file: "a.so", addressPages: [1], hashes: [5n] } as const;
 * const known = database([old]);
 * const events = [...generateEvents(known, { seed: 1, spaces: 1, outdatedShare: 1 })];
 * const { modules } = await audit(events, known, { costs: audit2011 });
 * console.log(outdatedRuns(modules, await groundTruth(events, known), known)); // [ { space: 0, binary: 0, latencyMs: 0 } ]
 * ```
 */
export function outdatedRuns(
  modules: readonly Module[],
  truth: ReadonlyMap<number, Float64Array>,
  { binaries }: Database,
): OutdatedRun[] {
  const reports = new Map<number, Map<number, number>>();
  for (const { space, unpatchedNs, binaries: candidates } of modules) {
    if (Number.isNaN(unpatchedNs)) continue;
    let reportNs = reports.get(space);
    if (reportNs === undefined) reports.set(space, (reportNs = new Map<number, number>()));
    for (const binary of candidates) reportNs.set(binary, Math.min(unpatchedNs, reportNs.get(binary) ?? Infinity));
  }
  const runs: OutdatedRun[] = [];
  for (const [space, firstNs] of truth)
    for (const [binary, { outdated }] of binaries.entries()) {
      if (!outdated || Number.isNaN(firstNs[binary]!)) continue;
      const reportNs = reports.get(space)?.get(binary);
      runs.push({ space, binary, latencyMs: reportNs === undefined ? null : (reportNs - firstNs[binary]!) / 1e6 });
    }
  return runs;
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
  /** Outdated binaries that ran and were found, an address space each: see {@link outdatedRuns}. */
  readonly truePositives: number;
  /** Modules found unpatched none of whose candidates ran in their address space. */
  readonly falsePositives: number;
  /** Outdated binaries that ran and were not found, an address space each. */
  readonly falseNegatives: number;
  /** Up-to-date binaries that ran, an address space each. */
  readonly trueNegatives: number;
  /** From the first execution of an outdated binary to its report, mean over those found, ms; null when none is. */
  readonly meanLatencyMs: number | null;
  /** The longest of these, ms. */
  readonly longestLatencyMs: number | null;
};

/**
 * Scores an audit, each address space by itself. Linear in modules and their candidates, and in spaces times binaries.
 *
 * @param truth - what really ran, see {@link groundTruth}
 *
 * @example
 * ```ts
 * import { audit, audit2011, database, generateEvents, groundTruth, score } from "veelab/patch-audit";
 * const old = { package: "a", version: "1", release: "old", file: "a.so", addressPages: [1], hashes: [5n] } as const;
 * const known = database([old]);
 * const events = [...generateEvents(known, { seed: 1, spaces: 1, outdatedShare: 1 })];
 * const { modules } = await audit(events, known, { costs: audit2011 });
 * console.log(score(modules, await groundTruth(events, known), known).truePositives); // 1
 * ```
 */
export function score(modules: readonly Module[], truth: ReadonlyMap<number, Float64Array>, database: Database): Score {
  const ran = (space: number, binary: number): boolean => !Number.isNaN(truth.get(space)?.[binary] ?? NaN);
  const unpatched = modules.filter(({ unpatchedNs }) => !Number.isNaN(unpatchedNs));
  const falsePositives = unpatched.filter(
    ({ space, binaries }) => !binaries.some((binary) => ran(space, binary)),
  ).length;
  const latencies = outdatedRuns(modules, truth, database).map(({ latencyMs }) => latencyMs);
  const found = latencies.filter((latencyMs) => latencyMs !== null);
  let trueNegatives = 0;
  for (const [space] of truth)
    for (const [binary, { outdated }] of database.binaries.entries())
      if (!outdated && ran(space, binary)) trueNegatives += 1;
  return {
    truePositives: found.length,
    falsePositives,
    falseNegatives: latencies.length - found.length,
    trueNegatives,
    meanLatencyMs: found.length === 0 ? null : found.reduce((sum, ms) => sum + ms, 0) / found.length,
    longestLatencyMs: found.length === 0 ? null : Math.max(...found),
  };
}
