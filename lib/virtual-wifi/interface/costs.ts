import { OptionError } from "../../core/errors.ts";
import { nonNegative, onlyOptions, positive } from "../../core/options.ts";
import { exits2011, exitsToday, goldenCove, nehalem } from "../../hardware/index.ts";

/**
 * What a frame's way through guest, hypervisor and host costs a processor.
 *
 * @example
 * ```ts
 * import { interfaceCosts2011, type InterfaceCosts } from "veelab/virtual-wifi";
 * const dearer: InterfaceCosts = { ...interfaceCosts2011, label: "exits ten times as dear", exitCycles: 20_000 };
 * console.log(dearer.label);
 * ```
 */
export interface InterfaceCosts {
  /** Name in tables and charts. */
  readonly label: string;
  /** The processor's clock, Hz. */
  readonly clockHz: number;
  /** From the guest to the hypervisor and back, cycles an exit. */
  readonly exitCycles: number;
  /** The hypervisor's own work on an access to the device, cycles an exit: the instruction fetched, decoded, carried out. */
  readonly emulateCycles: number;
  /** What a device model in user space adds, cycles an exit. */
  readonly userCycles: number;
  /** The hypervisor's work to give a guest an interrupt, cycles. */
  readonly injectCycles: number;
  /** Copying, bytes a cycle. */
  readonly copyBytesPerCycle: number;
  /** The guest's stack and driver, cycles a packet sent. */
  readonly sendCycles: number;
  /** The same for one received. */
  readonly receiveCycles: number;
  /** The guest's driver once a frame is sent, cycles. */
  readonly completeCycles: number;
  /** Taking an interrupt, cycles, in the guest or in the host. */
  readonly interruptCycles: number;
  /** The host's driver and its multiplexing, cycles a frame sent. */
  readonly hostSendCycles: number;
  /** The same for one received. */
  readonly hostReceiveCycles: number;
  /** The host's driver, cycles a command. */
  readonly commandCycles: number;
}

/**
 * KVM on a processor of the time.
 *
 * @example
 * ```ts
 * import { interfaceCosts2011 } from "veelab/virtual-wifi";
 * const { exitCycles, emulateCycles, userCycles, clockHz } = interfaceCosts2011;
 * console.log((exitCycles + emulateCycles + userCycles) / (clockHz / 1e6)); // 10 µs an exit to user space
 * ```
 */
export const interfaceCosts2011: InterfaceCosts = {
  label: "2011",
  clockHz: nehalem.clockHz,
  exitCycles: exits2011.roundTripCycles, // found
  emulateCycles: exits2011.handlingCycles.tableWrite, // assumption: as to emulate a write to a page table
  userCycles: 22_000, // with the two above 10 µs: 5 to 15 µs an exit to QEMU (recalled, medium)
  injectCycles: 2000, // assumption: the event is injected and its end acknowledged
  copyBytesPerCycle: 1.5, // 1 to 2 from memory that is not in a cache (assumption)
  // Assumptions: UDP through sockets, IP, mac80211 and driver; some 3 and 3.6 µs.
  sendCycles: 8000,
  receiveCycles: 10_000,
  completeCycles: 1000, // assumption
  interruptCycles: 3000, // assumption: entry, the cause read, end of interrupt, softirq
  hostSendCycles: 3000, // assumption: mac80211's queues and the driver's, without sockets and IP
  hostReceiveCycles: 3000, // assumption, with the look-up of the virtual MAC
  commandCycles: 5000, // assumption
};

/**
 * KVM on a processor of today; software takes two thirds of the cycles.
 *
 * @example
 * ```ts
 * import { interfaceCosts2011, interfaceCostsToday } from "veelab/virtual-wifi";
 * console.log(interfaceCostsToday.userCycles < interfaceCosts2011.userCycles); // true
 * ```
 */
export const interfaceCostsToday: InterfaceCosts = {
  label: "today",
  clockHz: goldenCove.clockHz,
  exitCycles: exitsToday.roundTripCycles, // found
  emulateCycles: exitsToday.handlingCycles.tableWrite, // assumption
  userCycles: 6050, // with the two above 3.5 µs: 2 to 5 µs an exit to QEMU (assumption)
  injectCycles: 1300, // assumption, as all below
  copyBytesPerCycle: 12, // 8 to 16
  ...{ sendCycles: 5300, receiveCycles: 6700, completeCycles: 670, interruptCycles: 2000 },
  ...{ hostSendCycles: 2000, hostReceiveCycles: 2000, commandCycles: 3300 },
};

const cycles = [
  ...["exitCycles", "emulateCycles", "userCycles", "injectCycles", "sendCycles", "receiveCycles"],
  ...["completeCycles", "interruptCycles", "hostSendCycles", "hostReceiveCycles", "commandCycles"],
] as const satisfies readonly (keyof InterfaceCosts)[];

/** Throws an OptionError unless every cost is in range. */
export function checkInterfaceCosts(costs: InterfaceCosts): void {
  const given: unknown = costs;
  if (typeof given !== "object" || given === null)
    throw new OptionError("costs", "costs, as interfaceCosts2011", given);
  onlyOptions(costs, ["label", "clockHz", "copyBytesPerCycle", ...cycles], "costs");
  positive("costs.clockHz", costs.clockHz);
  for (const name of cycles) nonNegative(`costs.${name}`, costs[name]);
  positive("costs.copyBytesPerCycle", costs.copyBytesPerCycle);
}
