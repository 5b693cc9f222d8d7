import { type InterfaceCosts, interfaceCosts2011 } from "../../index.ts";

/** Costs of nothing, at 1 GHz: a cycle is a nanosecond. */
export const free: InterfaceCosts = {
  ...{ label: "free", clockHz: 1e9, exitCycles: 0, emulateCycles: 0, userCycles: 0, injectCycles: 0 },
  ...{ copyBytesPerCycle: interfaceCosts2011.copyBytesPerCycle, sendCycles: 0, receiveCycles: 0, completeCycles: 0 },
  ...{ interruptCycles: 0, hostSendCycles: 0, hostReceiveCycles: 0, commandCycles: 0 },
};
