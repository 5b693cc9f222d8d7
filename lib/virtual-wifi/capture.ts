import type { RecordBatch, Table } from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import { onlyOptions } from "../core/options.ts";
import { fromRows } from "../core/table.ts";
import { hasColumns, numbersOf, wordsOf } from "../traces/columns.ts";
import { batchesOf, type Trace } from "../traces/source.ts";
import { checkBytes, maxPacketBytes } from "./exchange.ts";
import { checkPhy, type Phy, phy11a, phy11b } from "./phy.ts";
import type { Recorded, Traffic } from "./traffic.ts";

/** Frames that carry packets, as the readers name them. */
const dataTypes = ["Data", "QoS Data"];
/** Around a packet in a captured frame: 24 bytes of MAC header, 2 more with QoS, 8 of LLC and SNAP, and the check sequence where the capture has it. */
const aroundBytes = (type: string, hasCheck: boolean): number =>
  32 + (type === "QoS Data" ? 2 : 0) + (hasCheck ? checkBytes : 0);

/**
 * A sender in a capture, with its traffic.
 *
 * @example
 * ```ts
 * import type { CapturedSender } from "veelab/virtual-wifi";
 * const retryShare = ({ packets, retries }: CapturedSender): number => retries / (packets + retries);
 * console.log(retryShare);
 * ```
 */
export interface CapturedSender {
  /** Its address. */
  readonly transmitter: string;
  /** What it sent, for a station's `up` or `down`. */
  readonly traffic: Traffic;
  /** Packets of the traffic: frames of data that were not retries. */
  readonly packets: number;
  /** Frames that were: the simulator has its own. */
  readonly retries: number;
  /** Of the packets, those whose rate is not known or not one of the physical layer's: they go at the station's. */
  readonly otherRates: number;
}

/**
 * The senders of a capture (of the kind `radio`, as `open` and `stream` of `veelab/datasets` read radiotap and bare 802.11 captures), the busiest first: each
 * frame of data that is no retry comes when it was captured, with its size and rate. The run begins with the trace's first frame. A packet's bytes are the
 * frame's without MAC header, LLC and SNAP; encryption's bytes count as the packet's. Frames of management, without packets, or longer than a packet may be are left out. One pass; memory
 * for the packets.
 *
 * @throws OptionError for a trace without the columns of the kind, or without frames of data
 *
 * @example
 * ```ts
 * import { capturedTraffic, contend, phy11g } from "veelab/virtual-wifi";
 * const [station, accessPoint] = await capturedTraffic("radio/hwsim", { phy: phy11g });
 * const cell = [{ rateMbps: 54, up: station!.traffic, down: accessPoint!.traffic }];
 * console.log(contend(cell, { phy: phy11g, seconds: 120 }).row.delivered); // 2622
 * ```
 */
export async function capturedTraffic(
  trace: Trace,
  options: {
    /** The cell's physical layer. */
    readonly phy: Phy;
  },
): Promise<CapturedSender[]> {
  onlyOptions(options, ["phy"]);
  checkPhy(options.phy);
  const { ratesMbps } = options.phy;
  const senders = new Map<string, { recorded: Recorded[]; retries: number; otherRates: number }>();
  let firstNs = Infinity;
  for await (const batch of batchesOf(trace)) {
    const { timesNs, lengths, types, transmitters, rates, isRetry, hasCheck } = columnsOf(batch);
    for (let row = 0; row < batch.numRows; row++) {
      const timeNs = timesNs[row]!;
      if (timeNs < firstNs) firstNs = timeNs;
      const type = types.texts[types.codes[row]!]!;
      const packetBytes = lengths[row]! - aroundBytes(type, hasCheck(row));
      const isPacket = dataTypes.includes(type) && packetBytes > 0;
      if (!isPacket || packetBytes > maxPacketBytes || Number.isNaN(timeNs)) continue;
      const transmitter = transmitters.texts[transmitters.codes[row]!]!;
      const sender = senders.get(transmitter) ?? { recorded: [], retries: 0, otherRates: 0 };
      senders.set(transmitter, sender);
      if (isRetry(row)) {
        sender.retries++;
        continue;
      }
      const rateMbps = rates?.[row] ?? NaN;
      const isOther = !ratesMbps.includes(rateMbps);
      if (isOther) sender.otherRates++;
      sender.recorded.push({ timeNs, packetBytes, ...(isOther ? {} : { rateMbps }) });
    }
  }
  const found = [...senders].filter(([, { recorded }]) => recorded.length > 0);
  if (found.length === 0) throw new OptionError("trace", "a radio trace with frames of data", "none");
  return found
    .map(([transmitter, { recorded, retries, otherRates }]) => {
      const packets = recorded
        .map((packet) => ({ ...packet, timeNs: Math.round(packet.timeNs - firstNs) }))
        .sort((a, b) => a.timeNs - b.timeNs);
      const lastsS = packets.at(-1)!.timeNs / 1e9;
      const traffic: Traffic = {
        ...{ label: `captured from ${transmitter}`, packetBytes: packets.reduce(longer, 0) },
        ...{ packetsPerS: Math.min(1e7, packets.length / Math.max(lastsS, 1e-3)), recorded: packets },
      };
      return { transmitter, traffic, packets: packets.length, retries, otherRates };
    })
    .sort((a, b) => b.packets - a.packets);
}

const longer = (most: number, { packetBytes }: Recorded): number => Math.max(most, packetBytes);

/**
 * The time on the air of a capture's frames, by rate and by whether they are retries: a row each, ascending, with `rateMbps`, `retry`, `frames`, `bytes` (with
 * the check sequence), `airtimeNs` and `airtimeShare` of all rows. Rates of 802.11b with the long preamble, of 802.11a by OFDM's; frames at others, or at
 * a rate that is not known (null, as 0), have no time. One pass, constant memory.
 *
 * @throws OptionError for a trace without the columns of the kind, or without frames
 *
 * @example
 * ```ts
 * import { airtimeByRate } from "veelab/virtual-wifi";
 * const table = await airtimeByRate("radio/hwsim");
 * console.log(table.getChild("rateMbps")?.get(1)); // 1
 * ```
 */
export async function airtimeByRate(trace: Trace): Promise<Table> {
  const rows = new Map<
    string,
    { rateMbps: number; retry: boolean; frames: number; bytes: number; airtimeNs: number }
  >();
  for await (const batch of batchesOf(trace)) {
    const { lengths, rates, isRetry, hasCheck } = columnsOf(batch);
    for (let row = 0; row < batch.numRows; row++) {
      const given = rates?.[row] ?? NaN;
      const rateMbps = given > 0 ? given : 0;
      const retry = isRetry(row);
      const key = `${rateMbps} ${retry}`;
      const sums = rows.get(key) ?? { rateMbps, retry, frames: 0, bytes: 0, airtimeNs: 0 };
      rows.set(key, sums);
      const bytes = lengths[row]! + (hasCheck(row) ? 0 : checkBytes);
      sums.frames++;
      sums.bytes += bytes;
      const phy = [phy11b, phy11a].find(({ ratesMbps }) => ratesMbps.includes(rateMbps));
      if (phy !== undefined) sums.airtimeNs += phy.frameNs(bytes, rateMbps);
    }
  }
  if (rows.size === 0) throw new OptionError("trace", "a radio trace with frames", "none");
  const sorted = [...rows.values()].sort((a, b) => a.rateMbps - b.rateMbps || Number(a.retry) - Number(b.retry));
  const allNs = sorted.reduce((sum, { airtimeNs }) => sum + airtimeNs, 0);
  return fromRows(sorted.map((row) => ({ ...row, airtimeShare: allNs === 0 ? 0 : row.airtimeNs / allNs })));
}

function columnsOf(batch: RecordBatch): {
  readonly timesNs: ReturnType<typeof numbersOf>;
  readonly lengths: ReturnType<typeof numbersOf>;
  readonly types: ReturnType<typeof wordsOf>;
  readonly transmitters: ReturnType<typeof wordsOf>;
  readonly rates: ReturnType<typeof numbersOf> | undefined;
  readonly isRetry: (row: number) => boolean;
  readonly hasCheck: (row: number) => boolean;
} {
  const { schema } = batch;
  const flag = (name: string): ((row: number) => boolean) => {
    const column = hasColumns(schema, [name]) ? batch.getChild(name) : null;
    return (row) => column?.get(row) === true;
  };
  return {
    ...{ timesNs: numbersOf(batch, "timeNs"), lengths: numbersOf(batch, "lengthBytes") },
    ...{ types: wordsOf(batch, "type"), transmitters: wordsOf(batch, "transmitter") },
    rates: hasColumns(schema, ["rateMbps"]) ? numbersOf(batch, "rateMbps") : undefined,
    isRetry: flag("retry"),
    hasCheck: flag("fcs"),
  };
}
