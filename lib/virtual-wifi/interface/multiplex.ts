import { OptionError } from "../../core/errors.ts";
import { integer, onlyOptions, positive } from "../../core/options.ts";
import { checkPhy, type Phy } from "../phy.ts";
import type { Station } from "../station.ts";
import { airOf, runAir } from "./air.ts";
import { commandClasses } from "./commands.ts";
import { checkInterfaceCosts, type InterfaceCosts } from "./costs.ts";
import { checkDevicePath, type DevicePath } from "./device-path.ts";
import { checkGuests, commandsOf, type WirelessGuest } from "./guest.ts";
import { Host } from "./host.ts";
import { radioSchedule } from "./radio-schedule.ts";
import { radioTimes } from "./radio-times.ts";
import { type MultiplexTables, tablesOf } from "./result.ts";
import { streamsOf } from "./streams.ts";

/**
 * Options of {@link multiplex}.
 *
 * @example
 * ```ts
 * import { devicePaths, interfaceCosts2011, phy11a, type MultiplexOptions } from "veelab/virtual-wifi";
 * const options: MultiplexOptions = { phy: phy11a, seconds: 10, path: devicePaths.emulated, costs: interfaceCosts2011 };
 * console.log(options.path.label);
 * ```
 */
export interface MultiplexOptions {
  /** The physical layer of all stations. */
  readonly phy: Phy;
  /** How long it is simulated, s; exchanges that are under way then are completed. At most 100,000. */
  readonly seconds: number;
  /** How guests reach the radio. */
  readonly path: DevicePath;
  /** What that costs the processor. */
  readonly costs: InterfaceCosts;
  /** Stations of other machines with their channels, 1 when not given; each channel has one access point. */
  readonly others?: readonly (Station & {
    /** Its number. */
    readonly channel?: number;
  })[];
  /** How long the radio stays on a channel when there are several, ms, null frames included; 50 when not given (assumption). */
  readonly sliceMs?: number | Readonly<Record<number, number>>;
  /** Changing the channel, ms; 2 when not given: 1 to 5 in 2011 (recalled, medium). */
  readonly switchMs?: number;
  /** A scan of all channels, from leaving to being back, ms; 400 when not given (assumption). */
  readonly scanMs?: number;
  /** How long the radio stays awake in each interval when all guests allow it to sleep, ms; 10 when not given (assumption). */
  readonly stayMs?: number;
  /** Frames that a ring holds; 256 when not given (iwlwifi's; recalled, medium). */
  readonly ringFrames?: number;
  /** A ring that was full is filled again once so many places are free; 64 when not given, or all of a smaller ring (iwlwifi's quarter; recalled, medium). */
  readonly wakeFrames?: number;
  /** Packets that wait for a ring, and for the access point's radio for each flow. 1000 when not given (Linux's txqueuelen; recalled, high). */
  readonly queueFrames?: number;
  /** How often a frame is sent before it is dropped; Infinity: until it arrives. 7 when not given. */
  readonly attempts?: number;
  /** Of arrivals and backoffs; 1 when not given. */
  readonly seed?: number | string;
}

const names = [
  ...[
    "phy",
    "seconds",
    "path",
    "costs",
    "others",
    "sliceMs",
    "switchMs",
    "scanMs",
    "stayMs",
    "ringFrames",
    "wakeFrames",
  ],
  ...["queueFrames", "attempts", "seed"],
];

/**
 * Guests that share a machine's processor and radio, each with a virtual MAC and a connection of its own; or one system alone, where the path has
 * no device model.
 *
 * **Up**: a packet waits at its guest's socket; the guest's stack and driver put it into a ring; the guest says so (a kick, with exits); the device
 * model takes the frame (a copy) and the host's driver sends it; it waits for the air in its virtual MAC's queue. The machine's radio is one
 * contender, which serves the virtual MACs in turn. Once it is acknowledged, or given up, an interrupt of the host leads, at once or
 * coalesced, to one of the guest, which frees its place in the ring. **Down** accordingly: the frame counts as delivered when the guest has
 * handled it. Where traffic is saturated there is always one more packet when a ring has room. TCP-like traffic (`tcp`) has its sender in the guest or at the access
 * point; its acknowledgements go the same way back, through processor and air.
 *
 * The processor is one server. It takes parts of work in the order in which they come, and what a part leads to at once after it. Processor and
 * channels are simulated together, event by event, so that each waits for the other. The radio is on the channels as the guests' commands and the
 * options say; its null frames take the time of an exchange with a mean backoff, but do not contend. A look at each stream and contender an
 * event.
 *
 * @throws OptionError for an option out of range; for several guests without a device model
 *
 * @example
 * ```ts
 * import { devicePaths, interfaceCosts2011, multiplex, phy11a, saturated } from "veelab/virtual-wifi";
 * const guest = { rateMbps: 54, up: saturated({ packetBytes: 1500 }) };
 * const options = { phy: phy11a, seconds: 2, costs: interfaceCosts2011 };
 * const native = multiplex([guest], { ...options, path: devicePaths.native }).row;
 * const virtual = multiplex([guest], { ...options, path: devicePaths.emulated }).row;
 * console.log(virtual.throughputMbps / native.throughputMbps > 0.98, virtual.processorShare / native.processorShare > 5); // true true
 * ```
 */
export function multiplex(guests: readonly WirelessGuest[], options: MultiplexOptions): MultiplexTables {
  onlyOptions(options, names);
  const { phy, path, costs } = options;
  checkPhy(phy);
  checkDevicePath(path);
  checkInterfaceCosts(costs);
  checkGuests(guests, phy);
  if (path.deviceModel === "none" && guests.length > 1)
    throw new OptionError("guests", `one, as ${path.label} has one virtual MAC`, guests.length);
  const seconds = positive("seconds", options.seconds);
  if (seconds > 100_000) throw new OptionError("seconds", "at most 100000", seconds);
  const endNs = Math.ceil(1e9 * seconds);
  const ringFrames = integer("ringFrames", options.ringFrames ?? 256, { min: 1, max: 10_000 });
  const wakeFrames = integer("wakeFrames", options.wakeFrames ?? Math.min(64, ringFrames), { min: 1, max: ringFrames });
  const queueFrames = integer("queueFrames", options.queueFrames ?? 1000, { min: 1, max: 10_000 });
  const attempts = options.attempts ?? 7;
  if (attempts !== Infinity) integer("attempts", attempts, { min: 1 });

  const seed = options.seed ?? 1;
  const commands = guests.flatMap(commandsOf).sort((a, b) => a.atNs - b.atNs);
  const radio = radioSchedule(guests.length, commands, radioTimes(guests, phy, options), endNs);
  const streams = streamsOf(guests, phy, path, costs, seed);
  const access = { phy, others: options.others ?? [], attempts, queueFrames: Math.max(queueFrames, ringFrames), seed };
  const air = airOf(guests, streams, access);
  const host = new Host(
    streams,
    { path, ringFrames, wakeFrames, socketFrames: queueFrames },
    commands.map(({ atNs, machine, command }) => ({
      ...{ atNs, machine, forwarded: commandClasses[command.kind] !== "local" },
    })),
    air.offer,
  );
  const timeNs = runAir(air, host, radio, endNs);
  host.processor.stop(timeNs);
  return tablesOf(guests, options, { host, streams, air, radio, timeNs });
}
