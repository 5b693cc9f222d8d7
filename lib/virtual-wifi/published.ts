import { open } from "../../datasets/index.ts";
import { toRows } from "../core/table.ts";

/**
 * Saturation throughput that ns-3's example `wifi-bianchi` expects of one cell with packets of 1500 bytes.
 *
 * @example
 * ```ts
 * import { ns3Saturation, type Ns3Saturation } from "veelab/virtual-wifi";
 * const rows: readonly Ns3Saturation[] = await ns3Saturation();
 * console.log(rows.length); // 40
 * ```
 */
export interface Ns3Saturation {
  /** 802.11a's or 802.11b's rates. */
  readonly standard: "ofdm" | "11b";
  /** The data's rate, Mbps. */
  readonly rateMbps: number;
  /** Saturated stations. */
  readonly stations: number;
  /** What stations wait for after a collision. */
  readonly afterCollision: "EIFS" | "DIFS";
  /** Throughput of all stations, Mbps. */
  readonly throughputMbps: number;
}

/**
 * Reads {@link Ns3Saturation} from the catalogue. The paper's own evaluation is not available; these numbers are of the radio channel, and of
 * another source.
 *
 * @example
 * ```ts
 * import { ns3Saturation } from "veelab/virtual-wifi";
 * console.log((await ns3Saturation())[0]?.throughputMbps); // 4.6899
 * ```
 */
export async function ns3Saturation(): Promise<Ns3Saturation[]> {
  return toRows(await open("published/wifi-bianchi-ns3")).flatMap((row) =>
    (["EIFS", "DIFS"] as const).map((afterCollision) => ({
      standard: row["standard"] === "11b" ? ("11b" as const) : ("ofdm" as const),
      ...{ rateMbps: Number(row["rate_mbps"]), stations: Number(row["stations"]), afterCollision },
      throughputMbps: Number(row[afterCollision === "EIFS" ? "eifs_mbps" : "difs_mbps"]),
    })),
  );
}

/**
 * A run of ns-3, of saturated stations with packets of 1500 bytes.
 *
 * @example
 * ```ts
 * import { ns3Cells, type Ns3Cell } from "veelab/virtual-wifi";
 * const cells: readonly Ns3Cell[] = await ns3Cells();
 * console.log(cells[0]?.standard); // 11a
 * ```
 */
export interface Ns3Cell {
  /** The amendment of 802.11. */
  readonly standard: "11a" | "11b" | "11g" | "11n" | "11ax";
  /** The data's rate, Mbps. */
  readonly rateMbps: number;
  /** The channel of 802.11n and ax, MHz. */
  readonly widthMHz: number;
  /** The guard interval of 802.11n and ax, ns. */
  readonly guardNs: number;
  /** Spatial streams of 802.11n and ax. */
  readonly streams: number;
  /** Frames of an aggregate at most. */
  readonly aggregate: number;
  /** Saturated stations. */
  readonly stations: number;
  /** Packets that were received in spite of a collision: none, or the run would say something else than the simulator. */
  readonly captured: number;
  /** The share of reports of an error of reception among stations that heard a collision: these wait for EIFS, the others do not. Null without one. */
  readonly errorShare: number | null;
  /** Throughput of all stations, Mbps. */
  readonly throughputMbps: number;
}

/**
 * Reads {@link Ns3Cell} from the catalogue: our own runs of ns-3, by `datasets/build/ns3-cells.ts`.
 *
 * @example
 * ```ts
 * import { ns3Cells } from "veelab/virtual-wifi";
 * console.log((await ns3Cells()).every(({ captured }) => captured === 0)); // true
 * ```
 */
export async function ns3Cells(): Promise<Ns3Cell[]> {
  return toRows(await open("published/wifi-ns3")).map((row) => ({
    standard: row["standard"] as Ns3Cell["standard"],
    ...{ rateMbps: Number(row["rate_mbps"]), widthMHz: Number(row["width_mhz"]), guardNs: Number(row["guard_ns"]) },
    ...{ streams: Number(row["streams"]), aggregate: Number(row["aggregate"]), stations: Number(row["stations"]) },
    errorShare: Number(row["listened"]) === 0 ? null : Number(row["errors"]) / Number(row["listened"]),
    ...{ captured: Number(row["captured"]), throughputMbps: Number(row["throughput_mbps"]) },
  }));
}
