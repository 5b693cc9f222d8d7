import { open } from "../../datasets/index.ts";
import { SimulationError } from "../core/errors.ts";
import { toRows, type Cell, type Row } from "../core/table.ts";
import type { Mode } from "./mode.ts";
import type { ModePair, RunTotals } from "./solve.ts";
import type { Thresholds } from "./thresholds.ts";

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
  table: (number: number): string => `Table ${number} [paper]`,
  figure: (number: number): string => `Fig. ${number} [paper, digitised]`,
  text: (number: number): string => `Fig. ${number}, printed over the bar [paper]`,
} as const;

/**
 * A benchmark of SPEC CPU2006 with its bars of the figures, % of its time under HAP.
 */
export interface PublishedBar {
  readonly benchmark: string;
  readonly suite: "INT" | "FP";
  readonly bits: 32 | 64;
  /** Number of the figure: 7, 12, 13 or 14. */
  readonly figure: number;
  readonly spPct: number;
  /** DSP sampling every 5 s. */
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
 */
export interface PublishedIntervals {
  readonly benchmark: string;
  readonly spPct: number;
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
 * Figs 8, 10 and 11: share of the run time in SP mode, %, and number of switches under DSP, by sampling interval.
 */
export interface PublishedResidence {
  readonly benchmark: string;
  readonly at: Readonly<Record<2 | 5 | 10, { readonly spTimePct: number; readonly switches: number }>>;
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
  const at = (row: Row, interval: number): { spTimePct: number; switches: number } => ({
    spTimePct: number(row, `sp_time_pct_${interval}s`),
    switches: number(row, `switches_${interval}s`),
  });
  return rows.map((row) => ({
    benchmark: text(row, "benchmark"),
    at: { 2: at(row, 2), 5: at(row, 5), 10: at(row, 10) },
  }));
}

/**
 * Tables 4 and 5: run times with a round trip each second, s, with the half-widths of their confidence intervals.
 */
export interface PublishedRoundTrips {
  readonly benchmark: string;
  /** Table 4: HAP only, and HAP-SP-HAP each second. */
  readonly hsh: RoundTrips;
  /** Table 5: SP only, and SP-HAP-SP each second. */
  readonly shs: RoundTrips;
}

/**
 * One experiment of {@link PublishedRoundTrips}.
 *
 * @example
 * ```ts
 * import type { RoundTrips } from "veelab/selective-paging";
 * const overheadPct = ({ baseS, tripS }: RoundTrips): number => (tripS / baseS - 1) * 100;
 * ```
 */
export interface RoundTrips {
  readonly baseS: number;
  readonly baseCi: number;
  readonly tripS: number;
  readonly tripCi: number;
  readonly roundTrips: number;
  /** As printed, %. */
  readonly overheadPct: number;
}

/**
 * Tables 4 and 5 in the paper's order, all 29 benchmarks, 32 bit.
 *
 * @example
 * ```ts
 * import { publishedRoundTrips, roundTripMs } from "veelab/selective-paging";
 * const mcf = (await publishedRoundTrips()).find(({ benchmark }) => benchmark === "mcf")!;
 * const { baseS, tripS, roundTrips } = mcf.shs;
 * console.log(roundTripMs({ withoutS: baseS, withS: tripS, roundTrips }).toFixed(1)); // 46.1
 * ```
 */
export async function publishedRoundTrips(): Promise<PublishedRoundTrips[]> {
  const rows = await read("tables-4-5");
  const trips = (row: Row, table: string, base: string, trip: string): RoundTrips => ({
    baseS: number(row, `${table}_${base}_s`),
    baseCi: number(row, `${table}_${base}_ci`),
    tripS: number(row, `${table}_${trip}_s`),
    tripCi: number(row, `${table}_${trip}_ci`),
    roundTrips: number(row, `${table}_switches`),
    overheadPct: number(row, `${table}_ovhd_pct`),
  });
  return rows.map((row) => ({
    benchmark: text(row, "benchmark"),
    hsh: trips(row, "T4", "HAP", "HSH"),
    shs: trips(row, "T5", "SP", "SHS"),
  }));
}

/**
 * One row of Table 1, as printed: counters that are a bound or vary with the phase stay text (`>150000`,
 * `0|sometimes 100`). Faults and the ratio are in units of 1e-7.
 */
export interface PublishedSample {
  readonly row: number;
  readonly faults: string;
  readonly misses: string;
  readonly ratio: string | null;
  readonly winner: "SP" | "HAP" | "Draw";
}

/**
 * Table 1: 13 typical samples of SPEC INT; the paper does not name their benchmarks.
 *
 * @example
 * ```ts
 * import { publishedSamples } from "veelab/selective-paging";
 * console.log((await publishedSamples())[6]); // row 7: 1600 faults, 16 misses, ratio 100, SP
 * ```
 */
export async function publishedSamples(): Promise<PublishedSample[]> {
  const rows = await read("table-1");
  return rows.map((row) => {
    const ratio = row["pf_to_tlb_ratio_x1e7"];
    return {
      row: number(row, "row"),
      faults: text(row, "pf_per_1k_inst_x1e7"),
      misses: text(row, "tlb_misses_per_1k_inst"),
      ratio: typeof ratio === "string" ? ratio : null,
      winner: text(row, "winner") as PublishedSample["winner"],
    };
  });
}

/**
 * Table 2 from the data set; {@link table2} is the same as a constant.
 *
 * @example
 * ```ts
 * import { publishedThresholds } from "veelab/selective-paging";
 * console.log((await publishedThresholds()).missesUpper); // 10
 * ```
 */
export async function publishedThresholds(): Promise<Thresholds> {
  const rows = await read("table-2");
  const row = (threshold: string): Row => only(rows, (r) => r["threshold"] === threshold, threshold);
  return {
    faultsUpper: number(row("page_faults"), "upper"),
    faultsLower: number(row("page_faults"), "lower"),
    missesUpper: number(row("tlb_misses"), "upper"),
    missesLower: number(row("tlb_misses"), "lower"),
    ratioUpper: number(row("p_to_t_ratio"), "upper"),
    ratioLower: number(row("p_to_t_ratio"), "lower"),
  };
}

/**
 * Table 3: totals of mcf and gcc under both modes.
 *
 * @example
 * ```ts
 * import { publishedTotals, solveCosts } from "veelab/selective-paging";
 * const { mcf, gcc } = await publishedTotals();
 * console.log(solveCosts(mcf, gcc).missNs.toFixed(2)); // 4.59
 * ```
 */
export async function publishedTotals(): Promise<{ readonly mcf: ModePair; readonly gcc: ModePair }> {
  const rows = await read("table-3");
  const totals = (benchmark: string, mode: Mode): RunTotals => {
    const row = only(rows, (r) => r["benchmark"] === benchmark && r["mode"] === mode, `${benchmark} ${mode}`);
    return {
      tlbMisses: number(row, "tlb_misses"),
      pageFaults: number(row, "page_faults"),
      timeS: number(row, "time_s"),
    };
  };
  const pair = (benchmark: string): ModePair => ({ hap: totals(benchmark, "HAP"), sp: totals(benchmark, "SP") });
  return { mcf: pair("mcf"), gcc: pair("gcc") };
}

async function read(name: string): Promise<Row[]> {
  return toRows(await open(`published/selective-paging-${name}`));
}

function number(row: Row, name: string): number {
  const value: Cell | undefined = row[name];
  if (typeof value !== "number") throw missing(row, name, "a number");
  return value;
}

function text(row: Row, name: string): string {
  const value: Cell | undefined = row[name];
  if (typeof value !== "string") throw missing(row, name, "a text");
  return value;
}

function missing(row: Row, name: string, expected: string): SimulationError {
  const where = String(row["benchmark"] ?? row["row"] ?? row["threshold"] ?? "?");
  return new SimulationError("selective-paging", `published numbers of ${where}: ${name} is not ${expected}`);
}

function only(rows: readonly Row[], accepts: (row: Row) => boolean, what: string): Row {
  const found = rows.filter(accepts);
  if (found.length !== 1)
    throw new SimulationError("selective-paging", `published numbers: ${found.length} rows of ${what}, expected one`);
  return found[0]!;
}
