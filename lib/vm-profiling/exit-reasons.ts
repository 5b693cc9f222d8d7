import { OptionError } from "../core/errors.ts";
import { nonNegative, onlyOptions } from "../core/options.ts";
import { type Code, checkCode } from "./code.ts";

/**
 * Why a guest leaves for the VMM, and what the VMM then executes.
 *
 * @example
 * ```ts
 * import type { ExitReason } from "veelab/vm-profiling";
 *
 * const port: ExitReason = { label: "IO", stack: "vcpu;handle_io;e1000_write", handlingNs: 14_900 };
 * console.log(port.handlingNs);
 * ```
 */
export interface ExitReason extends Code {
  /** Name in tables. */
  readonly label: string;
  /** The VMM's work, ns, without the processor's switch to it and back. */
  readonly handlingNs: number;
  /** How long the virtual CPU then waits (HLT, I/O), ns; 0 when not given. A program that runs natively waits as long. */
  readonly blockNs?: number;
}

/**
 * Reasons with the mean times from exit to entry on a real host (mmisono/kvm-bpf-tools, README; host and date are not given there; EPT
 * violations have 15 to 27 us, here the middle). HLT's 1 us of work and 1 ms of waiting are assumptions, as are rates of other events.
 *
 * @example
 * ```ts
 * import { measuredExits } from "veelab/vm-profiling";
 *
 * console.log(measuredExits.find(({ label }) => label === "IO_INSTRUCTION")?.handlingNs); // 14900
 * ```
 */
export const measuredExits: readonly ExitReason[] = [
  ["EXTERNAL_INTERRUPT", "handle_external_interrupt", 2800],
  ["MSR_READ", "kvm_emulate_rdmsr", 2700],
  ["MSR_WRITE", "kvm_emulate_wrmsr", 3100],
  ["CR_ACCESS", "handle_cr", 6600],
  ["APIC_ACCESS", "handle_apic_access", 8800],
  ["IO_INSTRUCTION", "handle_io", 14_900],
  ["EPT_VIOLATION", "handle_ept_violation", 21_000],
  ["HLT", "kvm_emulate_halt", 1000, 1_000_000],
].map(([label, name, handlingNs, blockNs = 0]) => ({
  label: String(label),
  stack: `vcpu thread;kvm_arch_vcpu_ioctl_run;vmx_handle_exit;${name}`,
  handlingNs: Number(handlingNs),
  blockNs: Number(blockNs),
  perKilocycle: { instructions: 800, cacheMisses: 3 }, // assumption
}));

/** Checks exit reasons. */
export function checkExits(exits: readonly ExitReason[]): void {
  if (!Array.isArray(exits) || exits.length > 255)
    throw new OptionError("exits", "a list of at most 255 reasons", exits);
  const seen = new Set<string>();
  exits.forEach((reason: ExitReason, index) => {
    const option = `exits[${index}]`;
    onlyOptions(reason, ["label", "stack", "handlingNs", "blockNs", "perKilocycle", "bytes"], option);
    checkCode(option, reason);
    nonNegative(`${option}.handlingNs`, reason.handlingNs);
    nonNegative(`${option}.blockNs`, reason.blockNs ?? 0);
    if (seen.has(reason.stack)) throw new OptionError(`${option}.stack`, "a stack of its own", reason.stack);
    seen.add(reason.stack);
  });
}
