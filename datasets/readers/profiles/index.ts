import type { TraceFormat } from "../../formats/format.ts";
import { collapsed } from "./collapsed.ts";
import { kvmStat } from "./kvm-stat.ts";
import { kvmTrace } from "./kvm-trace.ts";
import { perfScript } from "./perf-script.ts";
import { perfStat } from "./perf-stat.ts";

/** Profiles, counters and VM exits. */
export const profilesFormats: readonly TraceFormat[] = [perfScript, perfStat, collapsed, kvmStat, kvmTrace];
