import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, onlyOptions } from "../core/options.ts";

/**
 * A place of execution: a function with its callers, as a profiler shows it.
 *
 * @example
 * ```ts
 * import type { Code } from "veelab/vm-profiling";
 *
 * const copy: Code = { stack: "netserver;recv;copy_user", perKilocycle: { cacheMisses: 4 } };
 * console.log(copy.stack.split(";").at(-1)); // copy_user
 * ```
 */
export interface Code {
  /** Process and functions, root first, joined by `;`; the last one executes. */
  readonly stack: string;
  /** Events other than `cycles` in a thousand cycles; those not named do not happen. Kept in steps of 2^-16 a cycle, so that sums are exact. */
  readonly perKilocycle?: Readonly<Record<string, number>>;
  /** Length of the function's code, bytes; 256 when not given. Its instructions, 4 bytes each, are run in a loop, one a cycle. */
  readonly bytes?: number;
}

/**
 * A stretch of a virtual CPU's execution in columns: `code[i]` runs for `cycles[i]`, then, where `exit[i]` is not 0, the exit reason
 * `exit[i] − 1` happens.
 *
 * @example
 * ```ts
 * import type { SegmentBatch } from "veelab/vm-profiling";
 *
 * const batch: SegmentBatch = { code: Uint32Array.of(0), cycles: Float64Array.of(5000), exit: Uint8Array.of(1) };
 * console.log(batch.code.length);
 * ```
 */
export interface SegmentBatch {
  /** Places in the guest's `code`. */
  readonly code: Uint32Array;
  /** Whole numbers of cycles, at least 0. */
  readonly cycles: Float64Array;
  /** 0 for none, otherwise the reason's place plus 1. */
  readonly exit: Uint8Array;
}

/**
 * A virtual CPU's execution, as it comes.
 *
 * @example
 * ```ts
 * import type { Segments } from "veelab/vm-profiling";
 *
 * const nothing: Segments = [];
 * console.log(nothing);
 * ```
 */
export type Segments = Iterable<SegmentBatch> | AsyncIterable<SegmentBatch>;

/**
 * A virtual machine.
 *
 * @example
 * ```ts
 * import { type Guest, repeat } from "veelab/vm-profiling";
 *
 * const guest: Guest = { label: "web", code: [{ stack: "httpd;parse" }], vcpus: [repeat([{ code: 0, cycles: 1000 }], 10)] };
 * console.log(guest.vcpus.length);
 * ```
 */
export interface Guest {
  /** Name in tables; not VMM, other or unresolved, which name what is no guest's. */
  readonly label: string;
  /** What it may execute; stacks differ. */
  readonly code: readonly Code[];
  /** Its virtual CPUs. */
  readonly vcpus: readonly Segments[];
}

/** Steps of a rate. */
const STEPS = 2 ** 16;

/** Below so many events, which are a whole number of steps, products and sums are exact. */
export const MOST_EXACT: number = 2 ** 53 / STEPS;

/** Events of one cycle in exact steps. */
export function ratePerCycle(code: Code, event: string): number {
  return event === "cycles" ? 1 : Math.round(((code.perKilocycle?.[event] ?? 0) / 1000) * STEPS) / STEPS;
}

/** What tables call the owners of places that are no guest's, for the numbers −1, −2, −3. */
export const HOST_OWNERS: readonly string[] = ["VMM", "other", "unresolved"];

/** Checks a place of execution. */
export function checkCode(option: string, code: Code): void {
  if (typeof code.stack !== "string" || code.stack === "")
    throw new OptionError(`${option}.stack`, "functions joined by ;", code.stack);
  for (const [event, rate] of Object.entries(code.perKilocycle ?? {})) {
    if (event === "cycles")
      throw new OptionError(`${option}.perKilocycle`, "no cycles, which are counted anyway", event);
    if (nonNegative(`${option}.perKilocycle.${event}`, rate) > 16_000)
      throw new OptionError(`${option}.perKilocycle.${event}`, "at most 16000 events in a thousand cycles", rate);
  }
  if (code.bytes !== undefined) integer(`${option}.bytes`, code.bytes, { min: 4, max: 2 ** 30 });
}

/** Checks guests before anything runs. */
export function checkGuests(guests: readonly Guest[]): void {
  if (!Array.isArray(guests) || guests.length === 0) throw new OptionError("guests", "at least one", guests);
  const labels = new Set<string>();
  guests.forEach((guest: Guest, index) => {
    const option = `guests[${index}]`;
    onlyOptions(guest, ["label", "code", "vcpus"], option);
    if (HOST_OWNERS.includes(guest.label))
      throw new OptionError(`${option}.label`, `a label other than ${HOST_OWNERS.join(", ")}`, guest.label);
    if (labels.has(guest.label)) throw new OptionError(`${option}.label`, "a label of its own", guest.label);
    labels.add(guest.label);
    const stacks = new Set<string>();
    guest.code.forEach((code, place) => {
      onlyOptions(code, ["stack", "perKilocycle", "bytes"], `${option}.code[${place}]`);
      checkCode(`${option}.code[${place}]`, code);
      if (stacks.has(code.stack))
        throw new OptionError(`${option}.code[${place}].stack`, "a stack of its own", code.stack);
      stacks.add(code.stack);
    });
    if (guest.vcpus.length === 0) throw new OptionError(`${option}.vcpus`, "at least one", guest.vcpus);
  });
}
