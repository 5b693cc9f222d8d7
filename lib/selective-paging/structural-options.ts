import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, oneOf, onlyOptions, positive } from "../core/options.ts";
import {
  checkExitCosts,
  everyPage,
  type PageSize,
  pageSizes,
  type PageSizePolicy,
  paging,
  type PagingMode,
} from "../hardware/index.ts";
import { wang2011 } from "./costs.ts";
import type { Controller, Policy } from "./policy.ts";
import { type Hardware, hardware2011 } from "./structural-hardware.ts";

/**
 * How a structural simulation translates: without a hypervisor, in one mode throughout, by the better mode of each
 * interval (known only because both are simulated), or as a policy decides from interval to interval.
 *
 * @example
 * ```ts
 * import { dsp, type Translation } from "veelab/selective-paging";
 * const compared: Translation[] = ["native", "HAP", "SP", "oracle", dsp()];
 * ```
 */
export type Translation = "native" | "HAP" | "SP" | "oracle" | Policy;

/**
 * Options of {@link page}.
 *
 * @example
 * ```ts
 * import { dsp, hardwareToday, type StructuralOptions } from "veelab/selective-paging";
 * const options: StructuralOptions = { paging: dsp(), hardware: hardwareToday, record: ["intervals"] };
 * ```
 */
export interface StructuralOptions {
  /** How the guest's addresses are translated. */
  readonly paging: Translation;
  /** Machine and hypervisor; {@link hardware2011} unless given. */
  readonly hardware?: Hardware;
  /**
   * Retired instructions in one interval; 1,000,000. A policy is asked at the end of each, whatever its own period in
   * seconds: a trace lasts milliseconds, so that an interval stands for one period of the policy.
   */
  readonly intervalInstructions?: number;
  /** What counts as an instruction: a fetch ("fetches"), or, for traces of data only, every reference. */
  readonly instructionsFrom?: "fetches" | "references";
  /** Series to keep: `"intervals"`, one row an interval. */
  readonly record?: readonly "intervals"[];
  /** The guest's (or the native system's) page table; 4 levels unless given. */
  readonly guest?: PagingMode;
  /** The nested page table; 4 levels unless given. */
  readonly nested?: PagingMode;
  /** Which of the guest's pages have which size; all 4 KiB unless given. */
  readonly guestPages?: PageSizePolicy;
  /** The size of the pages that back the guest's memory; 4 KiB unless given. */
  readonly backing?: PageSize;
  /** How shadow paging learns of changes to the guest's page table: see `ShadowOptions`; "out of sync" unless given. */
  readonly sync?: "trap" | "out of sync";
  /** How many page-table pages may be out of sync at once; 3 unless given (Xen 3.3: recalled, medium). */
  readonly unsyncedPages?: number;
  /** Instructions between two loads of the root (a context switch and back is two); Infinity, that is never. */
  readonly rootLoadInstructions?: number;
  /** Cycles an instruction takes when its translations cost nothing; 1 (an assumption: it scales the base alone). */
  readonly cyclesPerInstruction?: number;
}

/** The options with their defaults, checked. */
export interface Settings extends Required<Omit<StructuralOptions, "paging" | "record">> {
  readonly label: string;
  readonly start: "native" | "HAP" | "SP";
  /** Absent where the mode never changes. */
  readonly controller?: Controller;
  readonly oracle: boolean;
  readonly recordIntervals: boolean;
}

const names = [
  "paging",
  "hardware",
  "intervalInstructions",
  "instructionsFrom",
  "record",
  "guest",
  "nested",
  "guestPages",
  "backing",
  "sync",
  "unsyncedPages",
  "rootLoadInstructions",
  "cyclesPerInstruction",
];

/** Checks the options of a structural simulation, every one before the first event. */
export function settle(options: StructuralOptions): Settings {
  onlyOptions(options, names);
  const {
    hardware = hardware2011,
    intervalInstructions = 1_000_000,
    instructionsFrom = "fetches",
    record = [],
    guest = paging.fourLevel,
    nested = paging.fourLevel,
    guestPages = everyPage("4K"),
    backing = "4K",
    sync = "out of sync",
    unsyncedPages = 3,
    rootLoadInstructions = Infinity,
    cyclesPerInstruction = 1,
  } = options;
  for (const name of record as readonly string[])
    if (name !== "intervals") throw new OptionError("record", 'only "intervals"', name);
  checkHardware(hardware);
  integer("intervalInstructions", intervalInstructions, { min: 1 });
  oneOf("instructionsFrom", instructionsFrom, ["fetches", "references"]);
  oneOf("backing", backing, pageSizes);
  oneOf("sync", sync, ["trap", "out of sync"]);
  integer("unsyncedPages", unsyncedPages, { min: 1, max: 2 ** 20 });
  if (rootLoadInstructions !== Infinity) integer("rootLoadInstructions", rootLoadInstructions, { min: 1 });
  positive("cyclesPerInstruction", cyclesPerInstruction);
  return {
    ...translation(options.paging),
    hardware,
    intervalInstructions,
    instructionsFrom,
    guest,
    nested,
    guestPages,
    backing,
    sync,
    unsyncedPages,
    rootLoadInstructions,
    cyclesPerInstruction,
    recordIntervals: record.length > 0,
  };
}

const FIXED: readonly string[] = ["native", "HAP", "SP", "oracle"];

function isFixed(how: string): how is Exclude<Translation, Policy> {
  return FIXED.includes(how);
}

function translation(how: Translation): Pick<Settings, "label" | "start" | "controller" | "oracle"> {
  if (typeof how === "string") {
    if (!isFixed(how))
      throw new OptionError("paging", '"native", "HAP", "SP", "oracle" or a policy such as dsp()', how);
    const start = how;
    return { label: start, start: start === "oracle" ? "HAP" : start, oracle: start === "oracle" };
  }
  if (typeof how !== "object" || typeof (how as Partial<Policy> | null)?.create !== "function")
    throw new OptionError("paging", '"native", "HAP", "SP", "oracle" or a policy such as dsp()', how);
  const controller = how.create({ phases: [], costs: wang2011 });
  if (controller.enter !== undefined)
    throw new OptionError("paging", 'a policy that decides from samples (there is "oracle" for the bound)', how.label);
  return {
    label: how.label,
    start: controller.start,
    oracle: false,
    ...(controller.periodS === Infinity ? {} : { controller }),
  };
}

function checkHardware({ processor, exits, guestFaultCycles }: Hardware): void {
  checkExitCosts("hardware.exits", exits);
  nonNegative("hardware.guestFaultCycles", guestFaultCycles);
  positive("hardware.processor.clockHz", processor.clockHz);
  nonNegative("hardware.processor.laterHitCycles", processor.laterHitCycles);
  nonNegative("hardware.processor.dirtyAssistCycles", processor.dirtyAssistCycles);
  for (const list of ["entryCycles", "nestedEntryCycles"] as const) {
    if (processor[list].length === 0) throw new OptionError(`hardware.processor.${list}`, "at least one number", []);
    for (const [index, cycles] of processor[list].entries())
      nonNegative(`hardware.processor.${list}[${index}]`, cycles);
  }
}
