import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { lines } from "../core/chart.ts";
import { type ChartSpec, KIND } from "../core/chart/theme.ts";
import { eachKey } from "./keys.ts";
import { ReuseSample } from "./reuse-sample.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link tlbReach} finds. */
export interface TlbReach extends Characteristic {
  /** The miss ratio of 64 entries (a first level) and of 1536 (a second level), for pages of 4 KiB and 2 MiB. */
  readonly missRatio: TlbMissRatios;
}

/** Miss ratios by entries and page size. */
export interface TlbMissRatios {
  /** 64 entries, pages of 4 KiB. */
  readonly small64: number;
  /** 1536 entries, pages of 4 KiB. */
  readonly small1536: number;
  /** 64 entries, pages of 2 MiB. */
  readonly large64: number;
  /** 1536 entries, pages of 2 MiB. */
  readonly large1536: number;
}

/** Pages of 2 MiB are 512 of 4 KiB. */
const smallPerLarge = 512;

/**
 * How far a TLB reaches: the miss ratio of a fully associative LRU TLB by its entries, for pages of 4 KiB and of 2
 * MiB, instructions and data together. The table has a row for each size where the ratio changes: `pageSize`,
 * `entries`, `missRatio`. Real TLBs are set-associative and split: the hardware models of `veelab/hardware` simulate
 * those. O(log n) a reference, constant memory.
 *
 * @example
 * ```ts
 * import { memoryReferences, tlbReach } from "veelab/traces";
 *
 * const { missRatio } = await tlbReach(memoryReferences({ references: 10_000, pages: 32 }));
 * console.log(missRatio.small64 < 0.01); // true
 * ```
 */
export function tlbReach(trace: Trace): Promise<TlbReach> {
  return characterise(trace, "references to memory", tlbReaches());
}

const percent = (sample: ReuseSample): string => `${(100 * sample.missRatio(1536)).toPrecision(2)} %`;

/**
 * Sizes of TLBs that processors have, for pages of 4 KiB: the first level's, and the second level's of three
 * generations.
 */
const realSizes = [
  { entries: 64, label: "64: first level" },
  { entries: 512, label: "512: Nehalem" },
  { entries: 1536, label: "1536: Skylake" },
  { entries: 2048, label: "2048: Golden Cove" },
];

/** The chart with a dotted line at each real size. */
function marked(chart: ChartSpec): ChartSpec {
  const layer = chart["layer"] as readonly object[];
  const x = { field: "entries", type: "quantitative" };
  const rules = {
    data: { values: realSizes },
    mark: { type: "rule", color: KIND.reference.color, strokeDash: KIND.reference.dash },
    encoding: { x },
  };
  const labels = {
    data: { values: realSizes },
    mark: {
      type: "text",
      angle: -90,
      align: "right",
      baseline: "bottom",
      dx: -3,
      dy: -2,
      fontSize: 10,
      color: "#4D4D4D",
    },
    encoding: { x, y: { value: 0 }, text: { field: "label", type: "nominal" } },
  };
  return { ...chart, layer: [...layer, rules, labels] };
}

/** The accumulator of {@link tlbReach}; a sample of pages of 4 KiB that another accumulator fills is not filled again. */
export function tlbReaches(shared?: ReuseSample): Accumulator<TlbReach> {
  const small = shared ?? new ReuseSample(16_384);
  const large = new ReuseSample(16_384);
  return {
    add(batch) {
      eachKey(batch, (chunk) => {
        if (shared === undefined) small.useAll(chunk);
        const { keys, times, count } = chunk;
        for (let at = 0; at < count; at += 1) large.use(Math.floor(keys[at]! / smallPerLarge), times[at]);
      });
    },
    result() {
      const sizes = [
        { size: "4 KiB", ratios: small.missRatios() },
        { size: "2 MiB", ratios: large.missRatios() },
      ];
      if (sizes[0]!.ratios.length === 0) return undefined;
      const rows = sizes.flatMap(({ size, ratios }) => ratios.map((ratio) => ({ size, ...ratio })));
      const table = new Table({
        pageSize: vectorFromArray(
          rows.map(({ size }) => size),
          new Utf8(),
        ),
        entries: makeVector(Float64Array.from(rows, ({ entries }) => entries)),
        missRatio: makeVector(Float64Array.from(rows, ({ missRatio }) => missRatio)),
      });
      const chart = lines(rows, {
        title: "TLB reach",
        subtitle: `fully associative LRU; 1536 entries miss ${percent(small)} with pages of 4 KiB, ${percent(large)} of 2 MiB`,
        x: { field: "entries", title: "TLB entries", unit: "", log: true },
        y: { title: "miss ratio", unit: "" },
        series: { field: "size", title: "page size", order: ["4 KiB", "2 MiB"] },
        measured: "missRatio",
        shape: "step",
        points: false,
      });
      return characteristic(table, marked(chart), {
        missRatio: {
          small64: small.missRatio(64),
          small1536: small.missRatio(1536),
          large64: large.missRatio(64),
          large1536: large.missRatio(1536),
        },
      });
    },
  };
}
