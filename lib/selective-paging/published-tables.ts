import type { Row } from "../core/table.ts";
import type { Mode } from "./mode.ts";
import { number, only, read, text } from "./published-rows.ts";
import type { ModePair, RunTotals } from "./solve.ts";
import type { Thresholds } from "./thresholds.ts";

/**
 * Tables 4 and 5: run times with a round trip each second, s, with the half-widths of their confidence intervals.
 *
 * @example
 * ```ts
 * import type { PublishedRoundTrips } from "veelab/selective-paging";
 * const overheadPct = ({ shs }: PublishedRoundTrips): number => (shs.tripS / shs.baseS - 1) * 100;
 * ```
 */
export interface PublishedRoundTrips {
  /** Name in SPEC CPU2006. */
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
  /** Time without round trips, s. */
  readonly baseS: number;
  /** Half-width of its confidence interval, s. */
  readonly baseCi: number;
  /** Time with a round trip each second, s. */
  readonly tripS: number;
  /** Half-width of its confidence interval, s. */
  readonly tripCi: number;
  /** Round trips made; the paper calls them switches. */
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
 *
 * @example
 * ```ts
 * import type { PublishedSample } from "veelab/selective-paging";
 * const row12: PublishedSample = { row: 12, faults: "<50", misses: ">3.9", ratio: "<10", winner: "SP" };
 * ```
 */
export interface PublishedSample {
  /** Number of the row, from 1. */
  readonly row: number;
  /** Page faults per 1000 instructions, 1e-7. */
  readonly faults: string;
  /** TLB misses per 1000 instructions. */
  readonly misses: string;
  /** Page faults per TLB miss, 1e-7; null where none is printed. */
  readonly ratio: string | null;
  /** The mode that was measured to be better. */
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
 * The two programs of Table 3.
 *
 * @example
 * ```ts
 * import { publishedTotals, type PublishedTotals } from "veelab/selective-paging";
 * const totals: PublishedTotals = await publishedTotals();
 * console.log(totals.mcf.hap.timeS); // 383
 * ```
 */
export interface PublishedTotals {
  /** Many TLB misses, few faults. */
  readonly mcf: ModePair;
  /** Many faults, few TLB misses. */
  readonly gcc: ModePair;
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
export async function publishedTotals(): Promise<PublishedTotals> {
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
