import { OptionError } from "../../core/errors.ts";
import { exchange } from "../exchange.ts";
import { isBusyCounted, type Phy } from "../phy.ts";
import { flowsOf, type Station } from "../station.ts";
import { type AirQueue, Channel } from "./channel.ts";
import { checkPlain, type WirelessGuest } from "./guest.ts";
import type { Host, Offer, Stream } from "./host.ts";
import type { RadioInterval } from "./radio-schedule.ts";

/** How channels are accessed, and by whom else. */
export interface AirOptions {
  readonly phy: Phy;
  readonly others: readonly (Station & { readonly channel?: number })[];
  readonly attempts: number;
  readonly queueFrames: number;
  readonly seed: number | string;
}

/** The channels that guests are on. */
export interface Air {
  readonly channels: ReadonlyMap<number, Channel>;
  readonly offer: Offer;
}

/** A guest's channel. */
export function channelOf(guest: WirelessGuest): number {
  return guest.channel ?? 1;
}

/**
 * The channels of all guests: on each the machine's radio, one contender with a queue for each stream up, and the other stations; the access point has a
 * queue for each stream down.
 */
export function airOf(guests: readonly WirelessGuest[], streams: readonly Stream[], options: AirOptions): Air {
  const { phy, others, attempts, queueFrames, seed } = options;
  const { slotNs, cwMin, cwMax } = phy;
  const countsBusy = isBusyCounted(phy, undefined);
  const places: { readonly channel: Channel; readonly place: number }[] = [];
  const channels = new Map<number, Channel>();
  for (const number of new Set(guests.map(channelOf))) {
    const own = streams.flatMap(({ machine, direction, traffic, ahead }, stream): AirQueue[] => {
      const { rateMbps } = guests[machine]!;
      if (channelOf(guests[machine]!) !== number) return [];
      const exchanges = Array.from({ length: ahead }, (_, at) =>
        exchange({ phy, rateMbps, packetBytes: traffic.packetBytes, aggregate: at + 1 }),
      );
      return [{ station: 0, direction, address: 0, exchanges, stream, packetsPerS: 0 }];
    });
    const queues = [...own, ...foreign(number, others, phy)];
    const sorted = (["up", "down"] as const).flatMap((way) => queues.filter(({ direction }) => direction === way));
    const channel = new Channel(sorted, { slotNs, cwMin, cwMax, attempts, countsBusy, queueFrames, seed });
    channels.set(number, channel);
    sorted.forEach(({ stream }, place) => {
      if (stream !== null) places[stream] = { channel, place };
    });
  }
  return { channels, offer: (stream, nowNs) => places[stream]!.channel.offer(places[stream]!.place, nowNs) };
}

/** The queues of other stations of a channel. */
function foreign(channel: number, others: AirOptions["others"], phy: Phy): AirQueue[] {
  const here = others.flatMap(({ channel: on = 1, ...station }, at) => {
    if (station.away !== undefined) throw new OptionError(`others[${at}]`, "a station that stays", station);
    return on === channel ? [{ station, name: `others[${at}]` }] : [];
  });
  if (here.length === 0) return [];
  const stations = here.map(({ station }) => station);
  const nameOf = (station: number): string => here[station]!.name;
  return flowsOf(stations, phy, undefined, nameOf).map(
    ({ station, direction, address, exchanges, traffic, isAcks }) => {
      const way = isAcks === (direction === "up") ? "down" : "up";
      const place = Array.isArray(stations[station]![way]) ? `[${address}]` : "";
      checkPlain(`${nameOf(station)}.${way}${place}`, traffic);
      return { station: station + 1, direction, address, exchanges, stream: null, packetsPerS: traffic.packetsPerS };
    },
  );
}

/** Runs channels and host until a time, and until exchanges that are under way then are over: gives that time. */
export function runAir({ channels }: Air, host: Host, radio: readonly RadioInterval[], endNs: number): number {
  for (const channel of channels.values())
    channel.onDone = (stream, isDelivered, nowNs) => {
      host.done(stream, isDelivered, nowNs);
    };
  const all = [...channels.values()];
  const until = (limitNs: number): void => {
    for (;;) {
      let channel = all[0]!;
      let airNs = channel.nextNs;
      for (let at = 1; at < all.length; at++) {
        const ns = all[at]!.nextNs;
        if (ns >= airNs) continue;
        airNs = ns;
        channel = all[at]!;
      }
      const hostNs = host.nextNs;
      if (Math.min(airNs, hostNs) >= limitNs) return;
      // An exchange that ends frees its place before a frame comes; one that begins has the frame that has just come.
      if (hostNs < airNs || (hostNs === airNs && !channel.isEnding)) host.act();
      else channel.step();
    }
  };
  for (const { fromNs, untilNs, channel } of visits(radio)) {
    until(fromNs);
    channels.get(channel)!.join(fromNs);
    until(untilNs);
    if (untilNs < endNs) channels.get(channel)!.leave();
  }
  until(endNs);
  for (const channel of all) channel.close();
  const timeNs = Math.max(endNs, ...all.map(({ takenNs }) => takenNs));
  until(timeNs);
  return timeNs;
}

/** When the radio is on a channel, from coming to going. */
function visits(radio: readonly RadioInterval[]): { fromNs: number; untilNs: number; channel: number }[] {
  const joined: { fromNs: number; untilNs: number; channel: number }[] = [];
  for (const { fromNs, untilNs, state, channel } of radio) {
    if (state !== "on" || channel === null) continue;
    const last = joined.at(-1);
    if (last?.untilNs === fromNs && last.channel === channel) last.untilNs = untilNs;
    else joined.push({ fromNs, untilNs, channel });
  }
  return joined;
}
