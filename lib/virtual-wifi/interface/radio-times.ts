import { OptionError } from "../../core/errors.ts";
import { nonNegative, positive } from "../../core/options.ts";
import type { Phy } from "../phy.ts";
import { exchange } from "../exchange.ts";
import type { WirelessGuest } from "./guest.ts";
import type { RadioTimes } from "./radio-schedule.ts";

/** A null frame: a header of 24 bytes and the check sequence (IEEE 802.11; recalled, high). */
const nullFrameBytes = 28;

/** What {@link RadioTimes} are made of, as options. */
export interface RadioOptions {
  readonly sliceMs?: number | Readonly<Record<number, number>>;
  readonly switchMs?: number;
  readonly scanMs?: number;
  readonly stayMs?: number;
}

/** The radio's times, checked. */
export function radioTimes(guests: readonly WirelessGuest[], phy: Phy, options: RadioOptions): RadioTimes {
  const ns = (ms: number): number => Math.round(1e6 * ms);
  const slices = options.sliceMs ?? 50;
  if (typeof slices === "number") positive("sliceMs", slices);
  return {
    sliceNs: (channel) => {
      if (typeof slices === "number") return ns(slices);
      const given: unknown = slices[channel];
      if (given === undefined) throw new OptionError("sliceMs", `a slice for channel ${channel}`, slices);
      return ns(positive(`sliceMs[${channel}]`, given));
    },
    switchNs: ns(nonNegative("switchMs", options.switchMs ?? 2)),
    scanNs: ns(nonNegative("scanMs", options.scanMs ?? 400)),
    stayNs: ns(positive("stayMs", options.stayMs ?? 10)),
    nullNs: guests.map(({ rateMbps }) => {
      const { ackNs, difsNs } = exchange({ phy, rateMbps, packetBytes: 1 });
      return (
        difsNs + Math.round((phy.cwMin / 2) * phy.slotNs) + phy.frameNs(nullFrameBytes, rateMbps) + phy.sifsNs + ackNs
      );
    }),
  };
}
