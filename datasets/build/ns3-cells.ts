// Runs ns-3 (Debian's g++ and libns3-dev 3.37; four minutes of processor time) and writes datasets/published/wifi-ns3.csv; then datasets/build/published.js:
//   node dist/datasets/build/ns3-cells.js
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../package-root.ts";
import { buildCell, type Ns3Cell, packetBytes, runCell } from "./ns3/run-cell.ts";

const plain = { widthMHz: 20, guardNs: 800, streams: 1, aggregate: 1 } as const;
// Some 8000 frames, or 4000 aggregates, a run: the standard error of the throughput is below 1 %.
const exchangesOf = (aggregate: number): number => (aggregate === 1 ? 8000 : 4000);
// 802.11b begins at 5.5 Mbps: at 1 and 2 ns-3 receives one of frames that collide.
const cells: Omit<Ns3Cell, "seconds">[] = [
  ...[6, 24, 54].flatMap((rateMbps) =>
    [1, 5, 10, 20, ...(rateMbps === 54 ? [50] : [])].map((stations) => ({
      ...{ standard: "11a" as const, mode: `OfdmRate${rateMbps}Mbps`, rateMbps, stations },
      ...plain,
    })),
  ),
  ...[5, 20].map((stations) => ({
    ...{ standard: "11g" as const, mode: "ErpOfdmRate54Mbps", rateMbps: 54, stations },
    ...plain,
  })),
  ...[5.5, 11].flatMap((rateMbps) =>
    [5, 20].map((stations) => ({
      ...{ standard: "11b" as const, mode: `DsssRate${String(rateMbps).replace(".", "_")}Mbps`, rateMbps, stations },
      ...plain,
    })),
  ),
  ...[1, 4, 16].flatMap((aggregate) =>
    (aggregate === 16 ? [1, 5] : [1, 5, 10]).map((stations) => ({
      ...{ standard: "11n" as const, mode: "HtMcs7", rateMbps: 65, stations },
      ...{ ...plain, aggregate },
    })),
  ),
  ...[1, 32].flatMap((aggregate) =>
    [1, 5].map((stations) => ({
      ...{ standard: "11n" as const, mode: "HtMcs15", rateMbps: 300, stations },
      ...{ widthMHz: 40, guardNs: 400, streams: 2, aggregate },
    })),
  ),
  ...[1, 32].flatMap((aggregate) =>
    [1, 5].map((stations) => ({
      ...{ standard: "11ax" as const, mode: "HeMcs11", rateMbps: 1201, stations },
      ...{ widthMHz: 80, guardNs: 800, streams: 2, aggregate },
    })),
  ),
];

const folder = await mkdtemp(join(tmpdir(), "veelab-ns3-"));
try {
  const program = join(folder, "cell");
  await buildCell(program);
  const names =
    "standard,rate_mbps,width_mhz,guard_ns,streams,aggregate,stations,seconds,delivered,sent,captured,listened,errors,throughput_mbps";
  const lines = [names];
  for (const cell of cells) {
    // The bits alone, and what an exchange costs besides.
    const exchangeS =
      (8 * packetBytes * cell.aggregate) / (cell.rateMbps * 1e6) + (cell.standard === "11b" ? 1e-3 : 2e-4);
    const seconds = Math.max(1, Math.round(exchangesOf(cell.aggregate) * exchangeS));
    const { delivered, sent, captured, listened, errors } = await runCell(program, { ...cell, seconds });
    const { standard, rateMbps, widthMHz, guardNs, streams, aggregate, stations } = cell;
    const throughputMbps = ((8 * packetBytes * delivered) / seconds / 1e6).toFixed(4);
    lines.push(
      [
        standard,
        rateMbps,
        widthMHz,
        guardNs,
        streams,
        aggregate,
        stations,
        seconds,
        delivered,
        sent,
        captured,
        listened,
        errors,
        throughputMbps,
      ].join(),
    );
    console.log(lines.at(-1));
  }
  await writeFile(join(packageRoot(), "datasets/published/wifi-ns3.csv"), `${lines.join("\n")}\n`);
} finally {
  await rm(folder, { recursive: true });
}
