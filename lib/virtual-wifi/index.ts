/**
 * Virtual WiFi (Xia et al., VEE 2011): its radio channel, stations and an access point that contend by 802.11's DCF ({@link contend}), and
 * guests that share one radio through a virtual interface ({@link multiplex}).
 *
 * @module
 */
export { aloneFramesPerS, bianchi, type ContentionTimes, type Saturation, turnSlots } from "./analytic.ts";
export { airtimeByRate, capturedTraffic, type CapturedSender } from "./capture.ts";
export { type CellRow, contend, type ContendOptions, type FrameCounts } from "./contend.ts";
export { exchange, type Exchange, type ExchangeOptions } from "./exchange.ts";
export { phy11ax, type Phy11axOptions, phy11n, type Phy11nOptions } from "./phy-mimo.ts";
export { type Aggregation, type Phy, phy11a, phy11b, phy11g } from "./phy.ts";
export { type Ns3Cell, ns3Cells, ns3Saturation, type Ns3Saturation } from "./published.ts";
export type { Interval, Station } from "./station.ts";
export { packetWork, type PacketWork, sliceShares } from "./interface/analytic.ts";
export { type CommandClass, commandClasses, type GuestCommand } from "./interface/commands.ts";
export { type InterfaceCosts, interfaceCosts2011, interfaceCostsToday } from "./interface/costs.ts";
export { type DevicePath, devicePaths } from "./interface/device-path.ts";
export {
  type CommandReply,
  hostDriver,
  type HostDriver,
  type RadioPlan,
  type ScanEnd,
} from "./interface/host-driver.ts";
export type { WirelessGuest } from "./interface/guest.ts";
export { multiplex, type MultiplexOptions } from "./interface/multiplex.ts";
export type { MultiplexRow, MultiplexTables } from "./interface/result.ts";
export { poisson, type Recorded, saturated, tcp, type TcpOptions, type Traffic, type Window } from "./traffic.ts";
