import { join } from "node:path";
import { output } from "../../capture/output.ts";
import { packageRoot } from "../../package-root.ts";

const debian = "g++ libns3-dev";

/** A cell for ns-3: saturated stations and a sink. */
export interface Ns3Cell {
  readonly standard: "11a" | "11b" | "11g" | "11n" | "11ax";
  /** ns-3's name of the data's rate, and the rate, Mbps. */
  readonly mode: string;
  readonly rateMbps: number;
  readonly stations: number;
  readonly widthMHz: number;
  readonly guardNs: number;
  readonly streams: number;
  /** Frames of an A-MPDU; 1: none. */
  readonly aggregate: number;
  /** What is counted, s, after one that is not. */
  readonly seconds: number;
}

export const packetBytes = 1500;
/** A packet of 1500 bytes in an A-MPDU: 26 of MAC header, 8 of LLC and SNAP, 4 of check sequence, 4 of delimiter, and to a multiple of 4. */
const subframeBytes = 1544;

/** Compiles the scenario against Debian's libns3-dev. */
export async function buildCell(program: string): Promise<void> {
  const source = join(packageRoot(), "datasets/build/ns3/cell.cc");
  const libraries = ["wifi", "network", "mobility", "propagation", "core"].map((name) => `-lns3-${name}`);
  await output("g++", ["-O1", "-std=c++17", "-o", program, source, ...libraries], debian);
}

/** What became of frames. */
export interface Ns3Counts {
  /** Those that the sink got, … */
  readonly delivered: number;
  /** … those on the air, … */
  readonly sent: number;
  /** … and those that it got in spite of another at the same time. */
  readonly captured: number;
  /** Stations that did not send, of each collision, … */
  readonly listened: number;
  /** … and reports of an error of reception, after which a station waits for EIFS. */
  readonly errors: number;
}

/** Runs it. */
export async function runCell(program: string, cell: Ns3Cell): Promise<Ns3Counts> {
  // Ten times what the channel takes if there were but a frame's bits, as far as a packet each 10 µs is more than any takes: no station's queue is empty, however lucky it was.
  const intervalUs = Math.max(10, Math.floor((0.8 * cell.stations * packetBytes) / cell.rateMbps));
  const options = {
    ...{ standard: cell.standard, mode: cell.mode, stations: cell.stations, seconds: cell.seconds },
    ...{ widthMHz: cell.widthMHz, guardNs: cell.guardNs, streams: cell.streams, packetBytes, intervalUs },
    aggregateBytes: cell.aggregate === 1 ? 0 : cell.aggregate * subframeBytes,
  };
  const line = await output(
    program,
    Object.entries(options).map(([name, value]) => `--${name}=${value}`),
    debian,
  );
  const [delivered, sent, captured, listened, errors] = line.trim().split(",").map(Number);
  return { delivered: delivered!, sent: sent!, captured: captured!, listened: listened!, errors: errors! };
}
