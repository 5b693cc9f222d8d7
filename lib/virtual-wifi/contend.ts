import type { Table } from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions, positive, powerOfTwo } from "../core/options.ts";
import { fromRows } from "../core/table.ts";
import { Cell } from "./cell.ts";
import { checkPhy, isBusyCounted, type Phy } from "./phy.ts";
import { flowsOf, type Station } from "./station.ts";

/**
 * Options of {@link contend}.
 *
 * @example
 * ```ts
 * import { type ContendOptions, phy11g } from "veelab/virtual-wifi";
 * const options: ContendOptions = { phy: phy11g, seconds: 10, attempts: 4 };
 * console.log(options.seconds);
 * ```
 */
export interface ContendOptions {
  /** The physical layer of all stations. */
  readonly phy: Phy;
  /** How long the cell is simulated, s; the exchange that is under way then is completed. At most 100,000. */
  readonly seconds: number;
  /** The first contention window less one: one less than a power of two. The physical layer's when not given. */
  readonly cwMin?: number;
  /** The largest. The physical layer's when not given. */
  readonly cwMax?: number;
  /** How often a frame is sent before it is dropped; Infinity: until it arrives. 7 when not given, the standard's short retry limit (recalled, high). */
  readonly attempts?: number;
  /** The rate of acknowledgements, Mbps. When not given, the highest mandatory one that is not above the data's. */
  readonly ackRateMbps?: number;
  /** What all wait for after a collision, from the end of its longest frame. EIFS when not given. */
  readonly afterCollision?: "EIFS" | "DIFS";
  /** How many slots of a backoff the transmission of another counts as; as the physical layer has it when not given. In Bianchi's model one. */
  readonly busyCounts?: "no slot" | "one slot";
  /** Frames that a station's queue, and the access point's for each station, hold. 1000 when not given (Linux's txqueuelen; recalled, high). */
  readonly queueFrames?: number;
  /** Of arrivals and backoffs; 1 when not given. */
  readonly seed?: number | string;
}

const names = [
  ...["phy", "seconds", "cwMin", "cwMax", "attempts", "ackRateMbps", "afterCollision", "busyCounts"],
  ...["queueFrames", "seed"],
];

/**
 * What became of frames. Delays are those of delivered frames, from their arrival (where there is always one more: from when it
 * was its turn) to the end of their acknowledgement; null without such a frame, quantiles within 1.6 %, exact where the delays there are equal.
 *
 * @example
 * ```ts
 * import type { FrameCounts } from "veelab/virtual-wifi";
 * const lost = ({ retryDrops, queueDrops }: FrameCounts): number => retryDrops + queueDrops;
 * console.log(lost);
 * ```
 */
export type FrameCounts = {
  /** Packets that came; where there is always one more, those that were sent and the one that waits. */
  readonly offered: number;
  /** Of these, acknowledged. */
  readonly delivered: number;
  /** Of these, sent as often as allowed, in vain. */
  readonly retryDrops: number;
  /** Of these, not taken into a full queue. */
  readonly queueDrops: number;
  /** Of these, neither at the end. */
  readonly waiting: number;
  /** Data frames on the air. */
  readonly attempts: number;
  /** In so many transmissions: frames alone, and aggregates. */
  readonly transmissions: number;
  /** Of these, in collisions. */
  readonly collided: number;
  /** The share of them; null without any. */
  readonly collisionShare: number | null;
  /** Bytes of delivered packets, with their IP headers, over the time. */
  readonly throughputMbps: number;
  /** Mean delay, ns. */
  readonly meanDelayNs: number | null;
  /** Median delay, ns. */
  readonly medianDelayNs: number | null;
  /** 99 % of the delays are not longer, ns. */
  readonly p99DelayNs: number | null;
  /** The longest delay, ns, exact. */
  readonly maxDelayNs: number | null;
};

/**
 * A cell in a row.
 *
 * @example
 * ```ts
 * import type { CellRow } from "veelab/virtual-wifi";
 * const wasted = (row: CellRow): number => row.collisionNs / row.timeNs;
 * console.log(wasted);
 * ```
 */
export type CellRow = FrameCounts & {
  /** The physical layer's label. */
  readonly phy: string;
  /** How many stations. */
  readonly stations: number;
  /** How long it was simulated, ns. */
  readonly timeNs: number;
  /** Of this, the channel idle: backoffs, and nothing to send, ns. */
  readonly idleNs: number;
  /** Data, SIFS, acknowledgement and DIFS of frames without a collision, ns. */
  readonly successNs: number;
  /** Collisions, with EIFS or DIFS, ns. */
  readonly collisionNs: number;
  /** How many collisions there were, of two frames or more. */
  readonly collisions: number;
};

/**
 * Stations and their access point on one channel: 802.11's distributed coordination function (DCF) with acknowledgements
 * (IEEE 802.11-2020, 10.3). Each station that sends contends, and the access point contends as one for all that it sends, serving its
 * stations in turn, frame by frame; so does a station with several addresses.
 *
 * Everybody hears everybody, at once; frames are lost in collisions alone. Who has a frame while the channel has been idle for DIFS, and no
 * backoff left from the frame before, sends at once; else after a backoff. After each frame a backoff is drawn, whether or not another
 * waits. The channel has been idle when the run begins. O(contenders + flows) an exchange or arrival; memory of 18 kB a flow
 * with queues of 1000.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { contend, phy11a, saturated } from "veelab/virtual-wifi";
 * const station = { rateMbps: 54, up: saturated({ packetBytes: 1500 }) };
 * const { row, flows } = contend([station, station], { phy: phy11a, seconds: 1 });
 * console.log(row.throughputMbps > 28, row.collisions > 0, flows.numRows); // true true 2
 * ```
 */
export function contend(
  stations: readonly Station[],
  options: ContendOptions,
): {
  /** The cell in a row. */
  readonly row: CellRow;
  /**
   * A row for each direction of a station's traffic, those up first: `station` (from 0), `direction`, `address` (from 0), `rateMbps`, `traffic`, the columns of
   * {@link FrameCounts}, and `meanWaiting`, the frames in the queue on average, the one that is being sent among them, and `timeouts`
   * of windows. Acknowledgements of a window have a row of their own.
   */
  readonly flows: Table;
} {
  onlyOptions(options, names);
  const { phy, ackRateMbps } = options;
  checkPhy(phy);
  const seconds = positive("seconds", options.seconds);
  if (seconds > 100_000) throw new OptionError("seconds", "at most 100000", seconds);
  const cwMin = windowOf("cwMin", options.cwMin ?? phy.cwMin);
  const cwMax = windowOf("cwMax", options.cwMax ?? phy.cwMax);
  if (cwMin > cwMax) throw new OptionError("cwMin", `at most cwMax, ${cwMax}`, cwMin);
  const attempts = options.attempts ?? 7;
  if (attempts !== Infinity) integer("attempts", attempts, { min: 1 });
  const afterCollision = oneOf("afterCollision", options.afterCollision ?? "EIFS", ["EIFS", "DIFS"]);
  const countsBusy = isBusyCounted(phy, options.busyCounts);
  const queueFrames = integer("queueFrames", options.queueFrames ?? 1000, { min: 1, max: 10_000 });
  const flows = flowsOf(stations, phy, ackRateMbps);
  const { difsNs, eifsNs } = flows[0]!.times;
  const cell = new Cell(flows, {
    ...{ slotNs: phy.slotNs, cwMin, cwMax, attempts, countsBusy, queueFrames, seed: options.seed ?? 1 },
    afterCollisionNs: afterCollision === "EIFS" ? eifsNs : difsNs,
  });
  cell.run(Math.ceil(seconds * 1e9));
  const { timeNs, idleNs, successNs, collisionNs, collisions } = cell;
  return {
    row: {
      ...{ phy: phy.label, stations: stations.length, timeNs, idleNs, successNs, collisionNs, collisions },
      ...countsOf(cell, 0, flows.length),
    },
    flows: fromRows(
      flows.map(({ station, direction, address, rateMbps, traffic, isAcks }, flow) => ({
        ...{ station, direction, address, rateMbps },
        traffic: isAcks ? `${traffic.label} acknowledgements` : traffic.label,
        ...countsOf(cell, flow, flow + 1),
        meanWaiting: cell.waitedNs[flow]! / timeNs,
        timeouts: cell.connections.timeouts[flow]!,
      })),
    ),
  };
}

function windowOf(name: string, cw: number): number {
  integer(name, cw, { min: 0, max: 32_767 });
  powerOfTwo(`${name} + 1`, cw + 1);
  return cw;
}

function countsOf(cell: Cell, first: number, end: number): FrameCounts {
  const sum = (counts: Float64Array): number => counts.subarray(first, end).reduce((all, count) => all + count, 0);
  const delivered = sum(cell.delivered);
  const attempts = sum(cell.attempts);
  const collided = sum(cell.collided);
  return {
    ...{ offered: sum(cell.offered), delivered, retryDrops: sum(cell.retryDrops), queueDrops: sum(cell.queueDrops) },
    ...{
      waiting: sum(cell.waiting),
      attempts,
      collided,
      transmissions: sum(cell.transmissions),
      collisionShare: attempts === 0 ? null : collided / attempts,
    },
    throughputMbps: (8000 * sum(cell.deliveredBytes)) / cell.timeNs,
    meanDelayNs: delivered === 0 ? null : sum(cell.delaySumNs) / delivered,
    medianDelayNs: cell.delays.quantile(0.5, first, end),
    p99DelayNs: cell.delays.quantile(0.99, first, end),
    maxDelayNs: delivered === 0 ? null : Math.max(...cell.delayMaxNs.subarray(first, end)),
  };
}
