import { OptionError } from "../core/errors.ts";
import { hasColumns, numbersOf, wordsOf } from "../traces/columns.ts";
import { batchesOf, type Trace } from "../traces/source.ts";
import type { ExitReason } from "./exit-reasons.ts";

/**
 * An exit reason as it was measured, see {@link exitsOf}.
 *
 * @example
 * ```ts
 * import type { CountedExit } from "veelab/vm-profiling";
 *
 * const perS = ({ exits }: CountedExit, seconds: number): number => exits / seconds;
 * console.log(typeof perS);
 * ```
 */
export interface CountedExit {
  /** With the mean time of handling. */
  readonly reason: ExitReason;
  /** How often it happened. */
  readonly exits: number;
}

/**
 * Exit reasons with mean handling times from a real host: of KVM's exits one by one (kind `exits`: trace-cmd report, ftrace), or summed up
 * (`perf kvm stat report`). HLT's time is taken for waiting. Exits without a time (the last ones of a trace, a missing entry) are left out, so `exits` counts those whose
 * time is known; so are reasons that did not happen. The most frequent first. One pass; memory for the reasons.
 *
 * @param trace - a name or file that `open` takes, a table, or batches
 * @throws OptionError for a trace without such columns, or without exits whose time is known
 *
 * @example
 * ```ts
 * import { vmExits } from "veelab/traces";
 * import { exitsOf } from "veelab/vm-profiling";
 *
 * const trace = vmExits({ exits: 100, reasons: { CPUID: { ratePerS: 1000, medianNs: 1200 } } });
 * const [first] = await exitsOf(trace);
 * console.log(first?.reason.label, first?.exits); // CPUID 100
 * ```
 */
export async function exitsOf(trace: Trace): Promise<CountedExit[]> {
  const sums = new Map<string, { exits: number; ns: number }>();
  for await (const batch of batchesOf(trace)) {
    const summed = hasColumns(batch.schema, ["event", "value", "meanNs"]);
    const { codes, texts } = wordsOf(batch, summed ? "event" : "reason");
    const times = numbersOf(batch, summed ? "meanNs" : "durationNs");
    const counts = summed ? numbersOf(batch, "value") : undefined;
    for (let row = 0; row < batch.numRows; row += 1) {
      const count = counts?.[row] ?? 1;
      if (Number.isNaN(times[row]!) || !(count > 0)) continue;
      const name = texts[codes[row]!]!;
      const sum = sums.get(name) ?? { exits: 0, ns: 0 };
      sums.set(name, sum);
      sum.exits += count;
      sum.ns += count * times[row]!;
    }
  }
  if (sums.size === 0) throw new OptionError("trace", "VM exits with their times", "none");
  return [...sums]
    .sort(([a, x], [b, y]) => y.exits - x.exits || (a < b ? -1 : 1))
    .map(([label, { exits, ns }]) => {
      const waits = label === "HLT" || label === "hlt";
      const stack = `vcpu thread;kvm_arch_vcpu_ioctl_run;vmx_handle_exit;${label}`;
      const times = waits ? { handlingNs: 0, blockNs: ns / exits } : { handlingNs: ns / exits };
      return { reason: { label, stack, ...times }, exits };
    });
}
