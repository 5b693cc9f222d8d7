import type { ProfilingCosts } from "./costs.ts";
import type { Places } from "./places.ts";
import type { Pmu } from "./pmu.ts";
import type { Profiler } from "./profiler.ts";
import type { SampleLog } from "./sample-log.ts";
import type { Vcpu } from "./vcpu.ts";

/** What a machine is made of; times in cycles. */
export interface MachineParts {
  readonly places: Places;
  readonly vcpus: readonly Vcpu[];
  readonly pcpus: number;
  readonly pmu: Pmu;
  readonly profiler: Profiler;
  readonly costs: ProfilingCosts;
  /** By exit reason. */
  readonly handlingCycles: Float64Array;
  readonly blockCycles: Float64Array;
  readonly sliceCycles: number;
  readonly skidCycles: number;
  readonly log: SampleLog | undefined;
}
