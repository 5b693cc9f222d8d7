import { integer, nonNegative, oneOf, positive } from "../../core/options.ts";
import { OptionError } from "../../core/errors.ts";
import { checkInterfaceCosts, type InterfaceCosts } from "./costs.ts";
import { checkDevicePath, type DevicePath } from "./device-path.ts";

/**
 * The share of the time that a radio is on each of several channels: Ti / Σ(Tj + Ts). Linear.
 *
 * @param slicesMs - how long it stays on each, ms
 * @param switchMs - how long it takes from one to the next, ms
 * @throws OptionError for a number out of range
 *
 * @example
 * ```ts
 * import { sliceShares } from "veelab/virtual-wifi";
 * console.log(sliceShares([50, 44], 3)); // [ 0.5, 0.44 ]
 * ```
 */
export function sliceShares(slicesMs: readonly number[], switchMs: number): number[] {
  if (slicesMs.length < 2) throw new OptionError("slicesMs", "two slices or more", slicesMs);
  nonNegative("switchMs", switchMs);
  const cycleMs = slicesMs.reduce((sum, ms, at) => sum + positive(`slicesMs[${at}]`, ms) + switchMs, 0);
  return slicesMs.map((ms) => ms / cycleMs);
}

/**
 * Processor time of a packet, for {@link packetWork}.
 *
 * @example
 * ```ts
 * import type { PacketWork } from "veelab/virtual-wifi";
 * const total = ({ guestNs, vmmNs, hostNs }: PacketWork): number => guestNs + vmmNs + hostNs;
 * console.log(total);
 * ```
 */
export interface PacketWork {
  /** The guest's stack and driver (natively, the system's), ns. */
  readonly guestNs: number;
  /** The hypervisor, ns. */
  readonly vmmNs: number;
  /** The host's driver, ns. */
  readonly hostNs: number;
}

/**
 * Processor time of a packet that arrives: e · (exit + handling) + bytes · copy + what an interrupt costs / n, by whose work it is. A system that
 * has no other work saturates at 1 / its sum packets a second. Constant time.
 *
 * @param packet - its direction and bytes; how many packets share a kick and an interrupt: the path's most when not given
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { devicePaths, interfaceCosts2011, packetWork } from "veelab/virtual-wifi";
 * const { guestNs, vmmNs, hostNs } = packetWork(devicePaths.emulated, interfaceCosts2011, { direction: "up", packetBytes: 1500 });
 * console.log([guestNs, vmmNs, hostNs].map((ns) => (ns / 1000).toFixed(1))); // [ '4.3', '51.1', '2.1' ] µs
 * ```
 */
export function packetWork(
  path: DevicePath,
  costs: InterfaceCosts,
  packet: {
    readonly direction: "up" | "down";
    readonly packetBytes: number;
    readonly kickFrames?: number;
    readonly interruptFrames?: number;
  },
): PacketWork {
  checkDevicePath(path);
  checkInterfaceCosts(costs);
  const isUp = oneOf("direction", packet.direction, ["up", "down"]) === "up";
  const bytes = integer("packetBytes", packet.packetBytes, { min: 1 });
  const kickFrames = positive("kickFrames", packet.kickFrames ?? path.kickFrames);
  const most = path.coalesceUs === 0 ? 1 : path.coalesceFrames;
  const interruptFrames = positive("interruptFrames", packet.interruptFrames ?? most);
  const isHosted = path.deviceModel !== "none";
  const exit = costs.exitCycles + costs.emulateCycles + (path.deviceModel === "user" ? costs.userCycles : 0);
  const isInjected = isHosted || path.exitsPerInterrupt > 0;
  const inject = path.exitsPerInterrupt * exit + (isInjected ? costs.injectCycles : 0);
  const ns = (cycles: number): number => (1e9 * cycles) / costs.clockHz;
  return {
    guestNs: ns(
      costs.interruptCycles / interruptFrames + (isUp ? costs.sendCycles + costs.completeCycles : costs.receiveCycles),
    ),
    vmmNs: ns(
      (isUp ? (path.exitsPerKick * exit) / kickFrames : 0) +
        (path.copies * bytes) / costs.copyBytesPerCycle +
        inject / interruptFrames,
    ),
    hostNs: isHosted ? ns(costs.interruptCycles + (isUp ? costs.hostSendCycles : costs.hostReceiveCycles)) : 0,
  };
}
