import { describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import { fromRows, toRows } from "../../core/table.ts";
import { airtimeByRate, capturedTraffic, contend, phy11g } from "../index.ts";

const frame = { type: "Data", transmitter: "a", receiver: "b" };
const trace = fromRows([
  { timeNs: 1000, lengthBytes: 100, ...frame, type: "Beacon frame", rateMbps: 1, retry: false },
  { timeNs: 3000, lengthBytes: 1532, ...frame, rateMbps: 54, retry: false },
  { timeNs: 400_000, lengthBytes: 1532, ...frame, rateMbps: 48, retry: true },
  { timeNs: 9_001_000, lengthBytes: 132, ...frame, type: "QoS Data", rateMbps: 11, retry: false },
  { timeNs: 9_002_000, lengthBytes: 32, ...frame, rateMbps: 54, retry: false },
  { timeNs: 9_003_000, lengthBytes: 232, ...frame, transmitter: "b", rateMbps: 6, retry: false },
]);

describe("a capture", () => {
  it("drives stations: its frames of data that are no retries, when they came", async () => {
    const senders = await capturedTraffic(trace, { phy: phy11g });
    expect(senders).toMatchObject([
      { transmitter: "a", packets: 2, retries: 1, otherRates: 1 },
      { transmitter: "b", packets: 1, retries: 0, otherRates: 0 },
    ]);
    expect(senders[0]!.traffic.recorded).toEqual([
      { timeNs: 2000, packetBytes: 1500, rateMbps: 54 },
      { timeNs: 9_000_000, packetBytes: 98 },
    ]);
    const [a, b] = senders.map(({ traffic }) => traffic);
    const { flows } = contend([{ rateMbps: 24, up: a!, down: b! }], { phy: phy11g, seconds: 0.1 });
    expect(toRows(flows)).toMatchObject([
      { direction: "up", offered: 2, delivered: 2, throughputMbps: (8 * 1598) / 1e5 },
      { direction: "down", offered: 1, delivered: 1 },
    ]);
  });

  it("may have the check sequence in its frames' lengths", async () => {
    const checked = fromRows([
      { timeNs: 0, lengthBytes: 1536, ...frame, rateMbps: 54, retry: false, fcs: true },
      { timeNs: 9000, lengthBytes: 1532, ...frame, rateMbps: 54, retry: false, fcs: false },
    ]);
    const [sender] = await capturedTraffic(checked, { phy: phy11g });
    expect(sender!.traffic.recorded!.map(({ packetBytes }) => packetBytes)).toEqual([1500, 1500]);
    expect(toRows(await airtimeByRate(checked))).toMatchObject([{ frames: 2, bytes: 3072, airtimeNs: 496_000 }]);
  });

  it("has its time on the air by rate and retry", async () => {
    // Bytes with the check sequence: 104 at 1 Mbps: 192 + 832 µs. 136 at 11: 192 + 99. 236 at 6: 1910 bits, 80 symbols, 340. 1536 at 48: 65 symbols of 192, 280; at 54 248;
    // 36 at 54: 310 bits, 2 symbols, 28.
    const rows = toRows(await airtimeByRate(trace));
    const all = 1024 + 291 + 340 + 280 + 276;
    expect(rows).toEqual(
      (
        [
          [1, false, 1, 104, 1024],
          [6, false, 1, 236, 340],
          [11, false, 1, 136, 291],
          [48, true, 1, 1536, 280],
          [54, false, 2, 1572, 276],
        ] as const
      ).map(([rateMbps, retry, frames, bytes, us]) => ({
        ...{ rateMbps, retry, frames, bytes, airtimeNs: 1000 * us, airtimeShare: us / all },
      })),
    );
  });

  it("of Linux's own stack: every packet arrives at its load, with its bytes", async () => {
    const [station, accessPoint] = await capturedTraffic("radio/hwsim", { phy: phy11g });
    const cell = [{ rateMbps: 54, up: station!.traffic, down: accessPoint!.traffic }];
    const { row, flows } = contend(cell, { phy: phy11g, seconds: 120 });
    const data = toRows(await open("radio/hwsim")).filter(({ type }) => type === "Data");
    expect(row).toMatchObject({ offered: data.length, delivered: data.length, waiting: 0 });
    const bytes = data.reduce((sum, { lengthBytes }) => sum + Number(lengthBytes) - 32, 0);
    expect(row.throughputMbps).toBeCloseTo((8 * bytes) / 120e6, 9);
    // The medium of the capture takes no time; this one does.
    for (const { meanDelayNs } of toRows(flows)) expect(Number(meanDelayNs)).toBeGreaterThan(72_000);
    const rates = toRows(await airtimeByRate("radio/hwsim"));
    expect(rates.reduce((sum, { frames }) => sum + Number(frames), 0)).toBe(5719);
  });

  it("without frames of data, or without its columns, is an error of one sentence", async () => {
    const beacons = fromRows([{ timeNs: 0, lengthBytes: 9, ...frame, type: "Beacon frame" }]);
    await expect(capturedTraffic(beacons, { phy: phy11g })).rejects.toThrow(
      "trace: expected a radio trace with frames of data, got",
    );
    const others = fromRows([{ timeNs: 0, op: "read" }]);
    await expect(capturedTraffic(others, { phy: phy11g })).rejects.toThrow(
      "trace: expected a trace with a column lengthBytes, got",
    );
    await expect(airtimeByRate([])).rejects.toThrow("trace: expected a radio trace with frames, got");
  });
});
