import { SimulationError } from "../core/errors.ts";
import { publishedBars, type PublishedBar } from "./published.ts";
import { publishedRoundTrips } from "./published-tables.ts";
import { roundTripMs } from "./switch-cost.ts";

/**
 * A benchmark as the simulator needs it: its times under both modes and the price of its switches.
 *
 * @example
 * ```ts
 * import { synthesise, wang2011, type Program } from "veelab/selective-paging";
 * const phasesOf = (program: Program) => synthesise(program, wang2011);
 * ```
 */
export interface Program {
  /** Name in SPEC CPU2006. */
  readonly benchmark: string;
  /** Its suite of SPEC CPU2006. */
  readonly suite: "INT" | "FP";
  /** The guest: 32 or 64 bit. */
  readonly bits: 32 | 64;
  /** The figure that shows its bars: 7, 12, 13 or 14. */
  readonly figure: number;
  /** Time under HAP only, s. */
  readonly hapS: number;
  /** Time under SP only, s. */
  readonly spS: number;
  /** Price of a switch to SP, ms. */
  readonly toShadowMs: number;
}

/**
 * The 57 programs of Figs 7, 12, 13 and 14 (29 benchmarks of SPEC CPU2006, 32 and 64 bit; wrf does not compile for
 * 64 bit), in the paper's order. Nothing of DSP's columns is used.
 *
 * - Time under HAP: Table 4. For 64 bit no absolute time is published: the 32-bit time is taken (an assumption; it
 *   scales start-up and sampling against the run, not the ratio of the modes).
 * - Time under SP: HAP's times the SP bar of the figure.
 * - Price of a switch: Table 5's, 32 bit, for both.
 *
 * @throws SimulationError when the published numbers lack a benchmark
 *
 * @example
 * ```ts
 * import { publishedPrograms } from "veelab/selective-paging";
 * const programs = await publishedPrograms();
 * console.log(programs.length); // 57
 * ```
 */
export async function publishedPrograms(): Promise<Program[]> {
  const trips = new Map((await publishedRoundTrips()).map((row) => [row.benchmark, row]));
  const bars = (await publishedBars()).filter(({ benchmark }) => benchmark !== "total");
  return bars.map(({ benchmark, suite, bits, figure, spPct }: PublishedBar) => {
    const row = trips.get(benchmark);
    if (row === undefined) throw new SimulationError("selective-paging", `Tables 4 and 5 have no ${benchmark}`);
    const { baseS, tripS, roundTrips } = row.shs;
    return {
      ...{ benchmark, suite, bits, figure },
      hapS: row.hsh.baseS,
      spS: (row.hsh.baseS * spPct) / 100,
      toShadowMs: Math.max(0, roundTripMs({ withoutS: baseS, withS: tripS, roundTrips })),
    };
  });
}
