import type { InterfaceCosts } from "./costs.ts";
import type { DevicePath } from "./device-path.ts";

/** How long the parts of a frame's way take, whole ns. */
export interface PartLengths {
  readonly sendNs: number;
  /** A kick, without what it passes on. */
  readonly kickNs: number;
  /** Copying a frame. */
  readonly copyNs: number;
  readonly hostSendNs: number;
  /** The host's interrupt. */
  readonly interruptedNs: number;
  readonly hostReceiveNs: number;
  readonly injectNs: number;
  /** The guest's interrupt, without what it handles. */
  readonly handleNs: number;
  readonly completeNs: number;
  readonly receiveNs: number;
  readonly commandNs: number;
  readonly carryOutNs: number;
}

/** The parts' lengths for packets of so many bytes: what a path has not takes no time. */
export function partLengths(path: DevicePath, costs: InterfaceCosts, packetBytes: number): PartLengths {
  const ns = (cycles: number): number => Math.round((1e9 * cycles) / costs.clockHz);
  const hosted = path.deviceModel === "none" ? 0 : 1;
  const exit = costs.exitCycles + costs.emulateCycles + (path.deviceModel === "user" ? costs.userCycles : 0);
  return {
    sendNs: ns(costs.sendCycles),
    kickNs: ns(path.exitsPerKick * exit),
    copyNs: ns((path.copies * packetBytes) / costs.copyBytesPerCycle),
    hostSendNs: hosted * ns(costs.hostSendCycles),
    interruptedNs: hosted * ns(costs.interruptCycles),
    hostReceiveNs: hosted * ns(costs.hostReceiveCycles),
    // A native system's interrupt needs none.
    injectNs: ns(path.exitsPerInterrupt * exit + (hosted === 1 || path.exitsPerInterrupt > 0 ? costs.injectCycles : 0)),
    handleNs: ns(costs.interruptCycles),
    completeNs: ns(costs.completeCycles),
    receiveNs: ns(costs.receiveCycles),
    commandNs: hosted * ns(exit),
    carryOutNs: hosted * ns(costs.commandCycles),
  };
}
