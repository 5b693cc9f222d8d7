import type { Schema } from "apache-arrow";
import { airtimes } from "./airtime.ts";
import { hasColumns } from "./columns.ts";
import { exitReasonsOf } from "./exit-reasons.ts";
import { flameGraphs } from "./flame-graph.ts";
import { grouped } from "./grouped.ts";
import { hotSpotsOf } from "./hot-spots.ts";
import { interArrivalsOf } from "./inter-arrivals.ts";
import { noiseProfiles } from "./noise-profile.ts";
import { pageDuplicatesOf } from "./page-duplicates.ts";
import { requestRates } from "./request-rate.ts";
import { requestSizesOf } from "./request-sizes.ts";
import { reuseDistancesOf } from "./reuse-distances.ts";
import { sequentialities } from "./sequentiality.ts";
import type { Accumulator, Characteristic } from "./source.ts";
import { taskCharts } from "./task-chart.ts";
import { tlbReaches } from "./tlb-reach.ts";
import { workingSets } from "./working-set.ts";

type Fitting = Readonly<Record<string, () => Accumulator<Characteristic>>>;

const memory: Fitting = { reuseDistances: reuseDistancesOf, workingSet: workingSets, tlbReach: tlbReaches };

/** What fits a trace, by the columns that it has; the first line that fits counts. */
const kinds: readonly (readonly [columns: readonly string[], Fitting])[] = [
  [
    ["timeNs", "op", "offsetBytes", "sizeBytes"],
    {
      requestRate: requestRates,
      requestSizes: requestSizesOf,
      sequentiality: sequentialities,
      hotSpots: hotSpotsOf,
      reuseDistances: reuseDistancesOf,
      workingSet: workingSets,
      interArrivals: interArrivalsOf,
    },
  ],
  [["kind", "address", "sizeBytes"], memory],
  [["page", "count", "kind"], memory],
  [["page", "class", "hash"], { pageDuplicates: pageDuplicatesOf }],
  [["stack", "weight"], { flameGraph: flameGraphs }],
  [["reason", "durationNs"], { exitReasons: exitReasonsOf }],
  [
    ["timeNs", "lengthBytes", "type", "transmitter"],
    {
      airtime: airtimes,
      frameTypes: () =>
        grouped({
          title: "Frames by type",
          by: { field: "type", title: "type" },
          y: { title: "frames", unit: "" },
        }),
    },
  ],
  [["startNs", "durationNs"], { noiseProfile: noiseProfiles }],
  [["task", "device", "sizeBytes", "meanSeconds"], { taskChart: taskCharts }],
  [
    ["rank", "call"],
    {
      callMix: () => grouped({ title: "Calls", by: { field: "call", title: "call" }, y: { title: "calls", unit: "" } }),
    },
  ],
  [
    ["timeNs", "event", "value"],
    {
      counterTotals: () =>
        grouped({
          title: "Counters",
          by: { field: "event", title: "event" },
          sum: "value",
          y: { title: "total", unit: "" },
        }),
    },
  ],
  [
    ["file", "addressPage", "hash"],
    {
      codePages: () =>
        grouped({
          title: "Code pages",
          by: { field: "file", title: "file" },
          y: { title: "pages of 4 KiB", unit: "" },
        }),
    },
  ],
  [
    ["package", "version"],
    {
      packages: () =>
        grouped({ title: "Packages", by: { field: "package", title: "package" }, y: { title: "rows", unit: "" } }),
    },
  ],
];

/** The accumulators of what fits a trace's columns, by name; none for a table that is no trace. */
export function fittingAccumulators(schema: Schema): Readonly<Record<string, Accumulator<Characteristic>>> {
  const [, fitting = {}] = kinds.find(([columns]) => hasColumns(schema, columns)) ?? [];
  return Object.fromEntries(Object.entries(fitting).map(([name, start]) => [name, start()]));
}
