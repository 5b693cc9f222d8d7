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
