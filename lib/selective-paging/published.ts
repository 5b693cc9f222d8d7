import type { Row } from "../core/table.ts";
import { number, read, text } from "./published-rows.ts";

/**
 * Where the paper's numbers stand and what may be said of them.
 *
 * Tables 4 and 5 and the figures come from different sets of runs: their ratios SP/HAP differ by up to 1.2 points
 * (bwaves 102.3 and 103.4, tonto 120.0 and 121.2), so a comparison across them uses a band of 1.5 points. Bars were
 * digitised from the PDF's vectors, to about 0.4 points.
 *
 * @example
 * ```ts
 * import { marks } from "veelab/selective-paging";
 * console.log(marks.figure(7)); // Fig. 7 [paper, digitised]
 * ```
 */
export const marks = {
  /** A number printed in a table. */
  table: (number: number): string => `Table ${number} [paper]`,
  /** A bar, read from the PDF. */
  figure: (number: number): string => `Fig. ${number} [paper, digitised]`,
  /** A number printed over a bar. */
  text: (number: number): string => `Fig. ${number}, printed over the bar [paper]`,
} as const;

/**
 * A benchmark of SPEC CPU2006 with its bars of the figures, % of its time under HAP.
 *
 * @example
 * ```ts
 * import { publishedBars, type PublishedBar } from "veelab/selective-paging";
 * const gain = ({ spPct, dspPct }: PublishedBar): number => spPct - dspPct;
 * console.log((await publishedBars()).map(gain).length); // 61
 * ```
 */
export interface PublishedBar {
  /** Name in SPEC CPU2006, or `total`. */
  readonly benchmark: string;
  /** Its suite of SPEC CPU2006. */
  readonly suite: "INT" | "FP";
  /** The guest: 32 or 64 bit. */
  readonly bits: 32 | 64;
  /** Number of the figure: 7, 12, 13 or 14. */
  readonly figure: number;
  /** SP, % of HAP. */
  readonly spPct: number;
  /** DSP sampling every 5 s, % of HAP. */
  readonly dspPct: number;
}

const suites = {
  "7_int32": { suite: "INT", bits: 32, figure: 7 },
  "12_fp32": { suite: "FP", bits: 32, figure: 12 },
  "13_int64": { suite: "INT", bits: 64, figure: 13 },
  "14_fp64": { suite: "FP", bits: 64, figure: 14 },
} as const;

/**
 * The bars of Figs 7, 12, 13 and 14, in the paper's order, the totals among them as benchmark `total`.
 *
 * @example
 * ```ts
 * import { publishedBars } from "veelab/selective-paging";
 * const mcf = (await publishedBars()).find(({ benchmark, bits }) => benchmark === "mcf" && bits === 32);
 * console.log(mcf?.spPct, mcf?.dspPct); // 86.89 87.19
 * ```
 */
export async function publishedBars(): Promise<PublishedBar[]> {
  const rows = await read("figures");
  return Object.entries(suites).flatMap(([key, about]) =>
    rows
      .filter((row) => row["figure"] === key)
      .map((row) => ({
        benchmark: text(row, "benchmark"),
        ...about,
        spPct: number(row, "SP"),
        dspPct: number(row, "DSP_or_DSP5s"),
      })),
  );
}

/**
 * Fig. 9: SPEC INT, 32 bit, with DSP sampling every 2, 5 and 10 s, % of HAP.
 *
 * @example
 * ```ts
 * import type { PublishedIntervals } from "veelab/selective-paging";
 * const spread = ({ dspPct }: PublishedIntervals): number => Math.max(dspPct[2], dspPct[5], dspPct[10]) - 100;
 * ```
 */
export interface PublishedIntervals {
  /** Name in SPEC CPU2006, or `total`. */
  readonly benchmark: string;
  /** SP, % of HAP. */
  readonly spPct: number;
  /** DSP by sampling interval in s, % of HAP. */
  readonly dspPct: Readonly<Record<2 | 5 | 10, number>>;
}

/**
 * Fig. 9 in the paper's order, the total last.
 *
 * @example
 * ```ts
 * import { publishedIntervals } from "veelab/selective-paging";
 * console.log((await publishedIntervals())[2]); // gcc: 102.52, 100.34, 100
 * ```
 */
export async function publishedIntervals(): Promise<PublishedIntervals[]> {
  const rows = await read("figures");
  return rows
    .filter((row) => row["figure"] === "9_interval")
    .map((row) => ({
      benchmark: text(row, "benchmark"),
      spPct: number(row, "SP"),
      dspPct: { 2: number(row, "DSP2s"), 5: number(row, "DSP_or_DSP5s"), 10: number(row, "DSP10s") },
    }));
}

/**
 * Time and switches of one run under DSP.
 *
 * @example
 * ```ts
 * import type { Residence } from "veelab/selective-paging";
 * const libquantum: Residence = { spTimePct: 94.5, switches: 2 }; // Fig. 8
 * ```
 */
export interface Residence {
  /** Share of the run time in SP mode, %. */
  readonly spTimePct: number;
  /** Switches in either direction. */
  readonly switches: number;
}

/**
 * Figs 8, 10 and 11: share of the run time in SP mode, %, and number of switches under DSP, by sampling interval.
 *
 * @example
 * ```ts
 * import type { PublishedResidence } from "veelab/selective-paging";
 * const switches = ({ at }: PublishedResidence): number => at[5].switches;
 * ```
 */
export interface PublishedResidence {
  /** Name in SPEC CPU2006. */
  readonly benchmark: string;
  /** By sampling interval in s. */
  readonly at: Readonly<Record<2 | 5 | 10, Residence>>;
}

/**
 * Figs 8 (5 s), 10 (2 s) and 11 (10 s), 32 bit, in the paper's order.
 *
 * @example
 * ```ts
 * import { publishedResidence } from "veelab/selective-paging";
 * const [perlbench] = await publishedResidence();
 * console.log(perlbench?.at[5]); // { spTimePct: 21.6, switches: 4 }
 * ```
 */
export async function publishedResidence(): Promise<PublishedResidence[]> {
  const rows = await read("time-and-switches");
  const at = (row: Row, interval: number): Residence => ({
    spTimePct: number(row, `sp_time_pct_${interval}s`),
    switches: number(row, `switches_${interval}s`),
  });
  return rows.map((row) => ({
    benchmark: text(row, "benchmark"),
    at: { 2: at(row, 2), 5: at(row, 5), 10: at(row, 10) },
  }));
}
