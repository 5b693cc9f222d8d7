// How many frames a second of processor time guests send through processor and air, beside the cell alone with the same frames, in the same run
// and with the same results where nothing costs anything. Medians of five rounds after one that warms up; 802.11a at 54 Mbps, 1500 bytes.
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";
import { toRows } from "../core/table.ts";
import { figure } from "../../kernel/bench/figure.ts";
import {
  contend,
  devicePaths,
  type InterfaceCosts,
  interfaceCosts2011,
  multiplex,
  phy11a,
  poisson,
  saturated,
  type Station,
} from "../virtual-wifi/index.ts";

const packetBytes = 1500;
const free: InterfaceCosts = {
  ...{ ...interfaceCosts2011, label: "free", exitCycles: 0, emulateCycles: 0, userCycles: 0, injectCycles: 0 },
  ...{ sendCycles: 0, receiveCycles: 0, completeCycles: 0, interruptCycles: 0, hostSendCycles: 0 },
  ...{ hostReceiveCycles: 0, commandCycles: 0 },
};
const million = (count: number, seconds: number): number => count / seconds / 1e6;

const load = {
  rateMbps: 54,
  up: poisson({ packetBytes, packetsPerS: 1000 }),
  down: poisson({ packetBytes, packetsPerS: 800 }),
};
const seconds = 100;
let [through, alone] = [0, 0];
const path = { ...devicePaths.emulated, copies: 0 };
const own = await processorSeconds(() => {
  const { streams } = multiplex([load], { phy: phy11a, seconds, path, costs: free, ringFrames: 1000 });
  through = toRows(streams).reduce((sum, { delivered }) => sum + Number(delivered), 0);
});
const peer = await processorSeconds(() => {
  alone = contend([load], { phy: phy11a, seconds }).row.delivered;
});
if (through !== alone) throw new Error(`delivered frames differ: ${through}, alone ${alone}`);
figure("one guest, Poisson, through processor and air", million(through, own), "M frames/s", {
  peers: { "the cell alone": million(alone, peer) },
});

const others: Station[] = Array.from({ length: 8 }, () => ({ rateMbps: 54, up: saturated({ packetBytes }) }));
for (const name of ["emulated", "shared"] as const) {
  let frames = 0;
  const guests = Array.from({ length: 4 }, () => ({ rateMbps: 54, up: saturated({ packetBytes }) }));
  const spent = await processorSeconds(() => {
    const { row } = multiplex(guests, {
      phy: phy11a,
      seconds,
      path: devicePaths[name],
      costs: interfaceCosts2011,
      others,
    });
    frames = row.attempts;
  });
  figure(
    `four saturated guests, ${devicePaths[name].label}, eight other stations`,
    million(frames, spent),
    "M frames/s",
  );
}
