// How many data frames a second of processor time the cell simulates, beside the same with an object an event, in the same run and
// with the same results. Medians of five rounds after one that warms up; 802.11a at 54 Mbps, packets of 1500 bytes.
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";
import { Cell, type Access } from "../virtual-wifi/cell.ts";
import { phy11a, poisson, saturated, type Traffic } from "../virtual-wifi/index.ts";
import { flowsOf } from "../virtual-wifi/station.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { naiveCell } from "./reference/naive-wifi.ts";

const packetBytes = 1500;
const { slotNs, cwMin, cwMax } = phy11a;
const million = (count: number, seconds: number): number => count / seconds / 1e6;
const sum = (counts: Iterable<number>): number => [...counts].reduce((all, count) => all + count, 0);

async function beside(name: string, stations: number, up: Traffic, seconds: number): Promise<void> {
  const flows = flowsOf(
    Array.from({ length: stations }, () => ({ rateMbps: 54, up })),
    phy11a,
    undefined,
  );
  const access: Access = {
    ...{ slotNs, cwMin, cwMax, attempts: 7, afterCollisionNs: flows[0]!.times.eifsNs, countsBusy: false },
    ...{ queueFrames: 1000, seed: 1 },
  };
  let [attempts, delivered, plain] = [0, 0, 0];
  const own = await processorSeconds(() => {
    const cell = new Cell(flows, access);
    cell.run(seconds * 1e9);
    attempts = sum(cell.attempts);
    delivered = sum(cell.delivered);
  });
  const peer = await processorSeconds(() => {
    plain = sum(naiveCell(flows, access, seconds * 1e9).counts.map((counts) => counts.delivered));
  });
  if (plain !== delivered) throw new Error(`delivered frames differ: ${delivered}, plain ${plain}`);
  const cell = `${name}, ${stations === 1 ? "1 station" : `${stations} stations`}`;
  figure(`${cell}: delivered`, million(delivered, own), "M frames/s", {
    peers: { "an object an event": million(delivered, peer) },
  });
  figure(`${cell}: sent`, million(attempts, own), "M frames/s");
}

for (const stations of [1, 10, 50])
  await beside("saturated", stations, saturated({ packetBytes }), stations === 50 ? 60 : 200);
await beside("Poisson, 200 packets/s each", 10, poisson({ packetBytes, packetsPerS: 200 }), 200);
