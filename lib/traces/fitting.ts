import type { Schema } from "apache-arrow";
import type { TraceKind } from "../../datasets/formats/kinds.ts";
import { kindKey } from "../../datasets/read-trace.ts";
import { airtimes, airtimesOverTime } from "./airtime.ts";
import { callMixes } from "./call-mix.ts";
import { codeSharings } from "./code-sharing.ts";
import { hasColumns } from "./columns.ts";
import { exitReasonsOf } from "./exit-reasons.ts";
import { flameGraphs } from "./flame-graph.ts";
import { grouped } from "./grouped.ts";
import { hotSpotsOf } from "./hot-spots.ts";
import { interArrivalsOf } from "./inter-arrivals.ts";
import { counterMixes, readWriteMixes, referenceMixes } from "./mixes.ts";
import { noiseProfiles } from "./noise-profile.ts";
import { pageDuplicatesOf } from "./page-duplicates.ts";
import { requestRates } from "./request-rate.ts";
import { requestSizesOf } from "./request-sizes.ts";
import { reuseDistancesOf } from "./reuse-distances.ts";
import { ReuseSample } from "./reuse-sample.ts";
import { sequentialities } from "./sequentiality.ts";
import { signalStrengths } from "./signal.ts";
import type { Accumulator, Characteristic } from "./source.ts";
import { taskCharts } from "./task-chart.ts";
import { tlbReaches } from "./tlb-reach.ts";
import { topFunctionsOf } from "./top-functions.ts";
import { workingSets } from "./working-set.ts";

type Accumulators = Readonly<Record<string, Accumulator<Characteristic>>>;

/** References and page runs: the distances serve two characterisations, and are counted once. */
function memory(): Accumulators {
  const sample = new ReuseSample();
  return {
    referenceMix: referenceMixes(),
    reuseDistances: reuseDistancesOf(sample),
    workingSet: workingSets(),
    tlbReach: tlbReaches(sample),
  };
}

interface Fitting {
  readonly kind: TraceKind;
  /** By which a trace is known that does not say its kind. */
  readonly columns: readonly string[];
  readonly start: () => Accumulators;
}

/** What fits a trace of each kind; of a trace that does not say its kind the first one whose columns it has. */
const fitting: readonly Fitting[] = [
  {
    kind: "block",
    columns: ["timeNs", "op", "offsetBytes", "sizeBytes"],
    start: () => ({
      requestRate: requestRates(),
      readWriteMix: readWriteMixes(),
      requestSizes: requestSizesOf(),
      sequentiality: sequentialities(),
      hotSpots: hotSpotsOf(),
      reuseDistances: reuseDistancesOf(),
      workingSet: workingSets(),
      interArrivals: interArrivalsOf(),
    }),
  },
  { kind: "memory", columns: ["kind", "address", "sizeBytes"], start: memory },
  { kind: "memory", columns: ["page", "count", "kind"], start: memory },
  { kind: "pages", columns: ["page", "class", "hash"], start: () => ({ pageDuplicates: pageDuplicatesOf() }) },
  {
    kind: "profile",
    columns: ["stack", "weight"],
    start: () => ({ flameGraph: flameGraphs(), topFunctions: topFunctionsOf() }),
  },
  { kind: "exits", columns: ["reason", "durationNs"], start: () => ({ exitReasons: exitReasonsOf() }) },
  {
    kind: "radio",
    columns: ["timeNs", "lengthBytes", "type", "transmitter"],
    start: () => ({
      airtime: airtimes(),
      airtimeOverTime: airtimesOverTime(),
      frameTypes: grouped({
        title: "Frames by type",
        by: { field: "type", title: "type" },
        y: { title: "frames", unit: "" },
      }),
      signalStrength: signalStrengths(),
    }),
  },
  { kind: "noise", columns: ["startNs", "durationNs"], start: () => ({ noiseProfile: noiseProfiles() }) },
  {
    kind: "tasks",
    columns: ["task", "device", "sizeBytes", "meanSeconds"],
    start: () => ({ taskChart: taskCharts() }),
  },
  { kind: "mpi", columns: ["rank", "call"], start: () => ({ callMix: callMixes() }) },
  { kind: "counters", columns: ["timeNs", "event", "value"], start: () => ({ countersOverTime: counterMixes() }) },
  { kind: "code", columns: ["file", "addressPage", "hash"], start: () => ({ codeSharing: codeSharings() }) },
  {
    kind: "packages",
    columns: ["package", "version"],
    start: () => ({
      packages: grouped({
        title: "Packages",
        by: { field: "package", title: "package" },
        y: { title: "rows", unit: "" },
      }),
    }),
  },
];

/**
 * The accumulators of what fits a trace, by name: of the kind that its metadata name, else by its columns; none for a
 * table that is no trace.
 */
export function fittingAccumulators(schema: Schema): Accumulators {
  const possible = fitting.filter(({ columns }) => hasColumns(schema, columns));
  const kind = schema.metadata.get(kindKey);
  return (possible.find((one) => one.kind === kind) ?? possible[0])?.start() ?? {};
}
