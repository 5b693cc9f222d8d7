import { random } from "../../core/random.ts";
import { mostFrames } from "../exchange.ts";
import type { Phy } from "../phy.ts";
import type { Traffic } from "../traffic.ts";
import type { InterfaceCosts } from "./costs.ts";
import type { DevicePath } from "./device-path.ts";
import type { WirelessGuest } from "./guest.ts";
import type { Stream } from "./host.ts";
import { partLengths } from "./part-lengths.ts";

/** The guests' traffic as the host sees it, in the order of the guests. */
export function streamsOf(
  guests: readonly WirelessGuest[],
  phy: Phy,
  path: DevicePath,
  costs: InterfaceCosts,
  seed: number | string,
): Stream[] {
  const seeds = random(seed);
  return guests.flatMap((guest, machine) => {
    const of = (direction: "up" | "down", kind: Stream["kind"], traffic: Traffic | undefined): Stream[] => {
      if (traffic === undefined) return [];
      const lengths = partLengths(path, costs, traffic.packetBytes);
      // Named as the radio channel's, so that the same traffic comes at the same times there.
      const name = `${kind === "data" ? "arrivals" : kind} ${direction} 0${machine === 0 ? "" : `.${machine}`}`;
      const ahead = mostFrames(phy, guest.rateMbps, traffic.packetBytes, guest.aggregate ?? 1);
      return [{ machine, direction, kind, traffic, lengths, ahead, gaps: seeds.split(name) }];
    };
    const { up, down, echo } = guest;
    return [
      ...of("up", "data", up),
      ...of("up", "acknowledgements", acknowledgements(down)),
      ...of("down", "data", down),
      ...of("down", "acknowledgements", acknowledgements(up)),
      ...of("up", "echo", echo),
      ...of("down", "echo", echo),
    ];
  });
}

/** Of traffic with a window: what goes the other way. */
function acknowledgements(data: Traffic | undefined): Traffic | undefined {
  const window = data?.window;
  return window && { ...data, label: `${data.label} acknowledgements`, packetBytes: window.ackBytes };
}
