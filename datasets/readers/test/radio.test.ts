import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { conforms } from "../../formats/test/conformance.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { pcap } from "../radio/pcap.ts";
import { pcapng } from "../radio/pcapng.ts";
import { openRows } from "./open-rows.ts";
import { realSample } from "./real-sample.ts";
import { mac, station, frame, words, pcapFile } from "./radio-file.ts";

const access = mac(1);
const everybody = [255, 255, 255, 255, 255, 255];

const sequence = (number: number, fragment: number): number[] => [((number << 4) | fragment) & 255, number >> 4];

/** A frame with a second flags word for an antenna, whose fields are aligned: TSFT to 8, channel to 2, MCS to 1, VHT to 2. */
const beacon = [
  // version, pad, length, present: TSFT, flags, rate, channel, signal, noise, antenna and a further word
  ...[0, 0, 36, 0, 0x6f, 0x08, 0, 0xa0],
  // present again (signal, antenna), padding to 8
  ...[0x20, 0x08, 0, 0, 0, 0, 0, 0].slice(0, 4),
  ...[0, 0, 0, 0],
  ...[0x40, 0x42, 0x0f, 0, 0, 0, 0, 0x80],
  ...[0x10, 2, 0x85, 0x09, 0xa0, 0, 0xaa, 0xa5],
  ...[1, 0xa9, 0, 0],
  ...frame(0, 8, 0, 0, ...everybody, ...access, ...access, ...sequence(801, 3)),
  ...[0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 1, 0, 0, 0],
  ...[1, 2, 3, 4],
];

const ht = [
  // present: flags, MCS; known bandwidth, MCS, guard: 40 MHz, 15, short
  ...[0, 0, 12, 0, 0x02, 0, 0x08, 0],
  ...[0x50, 0x07, 0x05, 15],
  ...frame(2, 8, 0x49, 44, ...access, ...station, ...everybody, ...sequence(4095, 0), 0, 0, 7, 7, 1, 2, 3, 4),
];

const vht = [
  // present: VHT at an even offset behind a flags byte
  ...[0, 0, 22, 0, 0x02, 0, 0x20, 0],
  ...[0, 0, 0x44, 0, 0, 4, 0x92, 0, 0, 0, 0, 0, 0, 0],
  ...frame(1, 11, 0, 300, ...access, ...station),
];

const he = [
  ...[0, 0, 20, 0, 0, 0, 0x80, 0],
  ...[0x20, 0x40, 2, 0, 0, 11, 0, 0, 0x13, 0, 2, 0],
  ...frame(1, 13, 0, 0, ...station),
];

const bare = [
  frame(1, 12, 0, 120, ...station),
  frame(1, 10, 0, 0xc001, ...access, ...station),
  frame(1, 9, 0, 0, ...access, ...station, 5, 0, 0x10, 0),
  frame(2, 0, 0x02, 44, ...station, ...access, ...mac(9), ...sequence(7, 0), 1),
  frame(2, 0, 0x03, 44, ...station, ...access, ...mac(9), ...sequence(8, 0), ...mac(8), 1),
  frame(2, 0, 0x00, 44, ...station, ...mac(7), ...access, ...sequence(9, 0), 1),
  frame(1, 14, 0, 0, ...everybody, ...access),
  frame(3, 0, 0, 0, ...access),
  [0x81, 0],
  [],
];

const halves = (little: boolean, a: number, b: number): number[] =>
  words(little, little ? a | (b << 16) : (a << 16) | b);

const padded = (bytes: readonly number[]): number[] => [
  ...bytes,
  ...Array<number>((4 - (bytes.length % 4)) % 4).fill(0),
];

const block = (little: boolean, type: number, body: readonly number[]): number[] => {
  const size = padded(body).length + 12;
  return [...words(little, type, size), ...padded(body), ...words(little, size)];
};

const section = (little: boolean): number[] =>
  block(little, 0x0a0d0d0a, [
    ...words(little, 0x1a2b3c4d),
    ...halves(little, 1, 0),
    ...words(little, 0xffffffff, 0xffffffff),
  ]);

/** An interface with a resolution of time, and a comment before it. */
const description = (little: boolean, linkType: number, resolution?: number): number[] =>
  block(little, 1, [
    ...halves(little, linkType, 0),
    ...words(little, 0),
    ...(resolution === undefined
      ? []
      : [...halves(little, 1, 2), 65, 66, 0, 0, ...halves(little, 9, 1), resolution, 0, 0, 0, ...words(little, 0)]),
  ]);

const enhanced = (little: boolean, number: number, ticks: bigint, bytes: readonly number[]): number[] =>
  block(little, 6, [
    ...words(little, number, Number(ticks >> 32n), Number(ticks & 0xffffffffn), bytes.length, bytes.length),
    ...padded(bytes),
  ]);

const pcapngFile = (little: boolean): Uint8Array =>
  Uint8Array.from([
    ...section(little),
    ...description(little, 127),
    ...description(little, 105, 9),
    ...description(little, 105, 0x80 | 10),
    ...enhanced(little, 0, 1_700_000_000_000_001n, beacon),
    ...block(little, 5, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ...enhanced(little, 1, 1_700_000_000_000_002_003n, bare[0]!),
    ...enhanced(little, 2, 1_700_000_000n * 1024n + 512n, bare[1]!),
    ...block(little, 3, [...words(little, ht.length), ...ht]),
    ...section(!little),
    ...description(!little, 105, 9),
    ...enhanced(!little, 0, 1_700_000_001_000_000_000n, bare[2]!),
  ]);

const radiotap = [beacon, ht, vht, he];
conforms(pcap, {
  "radiotap, microseconds, little endian": { content: pcapFile(127, radiotap), rows: 4 },
  "bare, nanoseconds, big endian": { content: pcapFile(105, bare, false, 0xa1b23c4d), rows: 10 },
});
conforms(pcapng, {
  "little endian first": { content: pcapngFile(true), rows: 5 },
  "big endian first": { content: pcapngFile(false), rows: 5 },
});

describe("802.11 captures", () => {
  const folder = temporaryFolder();

  it("with radiotap headers have these values", async () => {
    const rows = await openRows(folder.write("radiotap.pcap", pcapFile(127, radiotap)));
    expect(rows[0]).toEqual({
      timeNs: 0,
      lengthBytes: 42,
      type: "Beacon frame",
      transmitter: "02:00:00:00:00:01",
      receiver: "ff:ff:ff:ff:ff:ff",
      bssid: "02:00:00:00:00:01",
      capturedBytes: 42,
      interface: 0,
      toDs: false,
      fromDs: false,
      moreFragments: false,
      retry: false,
      powerManagement: false,
      moreData: false,
      protected: false,
      durationUs: 0,
      sequence: 801,
      fragment: 3,
      fcs: true,
      badFcs: false,
      tsftUs: 0x80000000000f4240n,
      rateMbps: 1,
      channelMhz: 2437,
      signalDbm: -86,
      noiseDbm: -91,
      antenna: 1,
      modulation: null,
      mcs: null,
      streams: null,
      bandwidthMhz: null,
      guardNs: null,
    });
    expect(rows[1]).toMatchObject({
      timeNs: 1_000_001_000,
      type: "QoS Data",
      retry: true,
      protected: true,
      toDs: true,
      bssid: "02:00:00:00:00:01",
      durationUs: 44,
      sequence: 4095,
      fcs: true,
      badFcs: true,
      modulation: "HT",
      mcs: 15,
      streams: 2,
      bandwidthMhz: 40,
      guardNs: 400,
      rateMbps: null,
    });
    expect(rows[2]).toMatchObject({
      type: "Request-to-send",
      durationUs: 300,
      bssid: null,
      sequence: null,
      modulation: "VHT",
      mcs: 9,
      streams: 2,
      bandwidthMhz: 80,
      guardNs: 800,
    });
    expect(rows[3]).toMatchObject({
      type: "Acknowledgement",
      transmitter: null,
      receiver: "02:00:00:00:00:02",
      fcs: null,
      modulation: "HE",
      mcs: 11,
      streams: 2,
      bandwidthMhz: 160,
      guardNs: 1600,
    });
  });

  it("of bare frames have these addresses and types", async () => {
    const rows = await openRows(folder.write("bare.pcap", pcapFile(105, bare, false, 0xa1b23c4d)));
    const short = (address: unknown) => (address === null ? "-" : (address as string).slice(-2));
    expect(
      rows.map((row) =>
        [row["type"], ...["receiver", "transmitter", "bssid"].map((name) => short(row[name]))].join(" "),
      ),
    ).toEqual([
      "Clear-to-send 02 - -",
      "Power-Save poll 01 02 01",
      "802.11 Block Ack 01 02 -",
      "Data 02 01 01",
      "Data 02 01 -",
      "Data 02 07 01",
      "CF-End (Control-frame) ff 01 01",
      "DMG Beacon - - 01",
      "Unknown - - -",
      "Unknown - - -",
    ]);
    expect(rows.map(({ durationUs }) => durationUs)).toEqual([120, null, 0, 44, 44, 44, 0, 0, null, null]);
    expect(rows[9]).toMatchObject({ timeNs: 9_000_009_000, lengthBytes: 0, fcs: null });
  });

  it("in pcapng have these times", async () => {
    for (const little of [true, false]) {
      const rows = await openRows(folder.write("capture.pcapng", pcapngFile(little)));
      expect(rows.map(({ timeNs, interface: number }) => [timeNs, number])).toEqual([
        [0, 0],
        [1003, 1],
        [499_999_000, 2],
        [null, 0],
        [999_999_000, 0],
      ]);
    }
  });

  it("of other links are refused by name", async () => {
    await expect(openRows(folder.write("ether.pcap", pcapFile(1, bare)), { skipBad: 100 })).rejects.toThrow(
      'ether.pcap, offset 20, field "link type": expected frames of 802.11, with radiotap headers (link type 127) or without (105), got link type 1 (Ethernet)',
    );
  });

  it("with sizes that cannot be are refused before memory is asked for", async () => {
    const bytes = pcapFile(105, bare);
    new DataView(bytes.buffer).setUint32(24 + 8, 0xffffffff, true);
    await expect(openRows(folder.write("huge.pcap", bytes), { skipBad: 5 })).rejects.toThrow(
      'huge.pcap, offset 24, field "captured length": expected at most 262144 bytes, got 4294967295',
    );
  });

  const tcpdump = tool("tcpdump", ["--version"]);

  /** What tcpdump prints of a capture, and the same from our rows. */
  async function compare(path: string): Promise<number> {
    const { stdout } = spawnSync("tcpdump", ["-r", path, "-e", "-tt", "-n", "-v"], { encoding: "latin1" });
    const lines = stdout.split("\n").filter((line) => /^\d+\.\d+ /.test(line));
    const rows = await openRows(path);
    expect(rows).toHaveLength(lines.length);
    const first = Number(lines[0]!.split(".")[0]);
    rows.forEach((row, at) => {
      const line = lines[at]!;
      const [, seconds, fraction] = /^(\d+)\.(\d+)/.exec(line)!;
      // Whole microseconds since the first frame's second.
      const us = (Number(seconds) - first) * 1e6 + Number(fraction);
      const firstUs = Number(/\.(\d+)/.exec(lines[0]!)![1]);
      expect(row["timeNs"]).toBe((us - firstUs) * 1000);
      const number = (pattern: RegExp) => {
        const found = pattern.exec(line);
        return found === null ? null : Number(found[1]);
      };
      const tsft = row["tsftUs"] as bigint | null;
      expect({
        tsft: tsft === null ? null : Number(tsft),
        rate: row["rateMbps"],
        channel: row["channelMhz"],
        signal: row["signalDbm"],
      }).toEqual({
        tsft: number(/ (\d+)us tsft/),
        rate: row["mcs"] === null ? number(/ ([\d.]+) Mb\/s/) : null,
        channel: number(/ (\d{4}) MHz /),
        signal: number(/ (-?\d+)dBm signal/),
      });
      if (row["modulation"] === "HT")
        expect(line).toContain(`MCS ${String(row["mcs"])} ${String(row["bandwidthMhz"])} MHz`);
      const printed = (name: string) => new RegExp(`\\b${name}:([0-9a-f:]{17})`).exec(line)?.[1] ?? null;
      if (printed("BSSID") !== null) expect(row["bssid"]).toBe(printed("BSSID"));
      if (printed("RA") !== null) expect(row["receiver"]).toBe(printed("RA"));
      if (printed("TA") !== null) expect(row["transmitter"]).toBe(printed("TA"));
      const duration = number(/ (\d+)us (?:BSSID|RA|TA|DA|SA):/);
      if (duration !== null && row["type"] !== "Power-Save poll") expect(row["durationUs"]).toBe(duration);
      expect(row["retry"]).toBe(line.includes(" Retry"));
      const ours = String(row["type"]);
      for (const [theirs, name] of [
        [" Acknowledgment", "Acknowledgement"],
        [" Clear-To-Send", "Clear-to-send"],
        [" Request-To-Send", "Request-to-send"],
        [" Beacon", "Beacon frame"],
        [" Probe Response", "Probe Response"],
        [" Probe Request", "Probe Request"],
        [" DeAuthentication", "Deauthentication"],
        [" Assoc Request", "Association Request"],
      ] as const)
        expect([theirs, ours === name]).toEqual([theirs, line.includes(theirs)]);
    });
    return rows.length;
  }

  it.skipIf(!tcpdump)("are read as tcpdump reads them", async () => {
    expect(await compare(folder.write("ours.pcap", pcapFile(127, radiotap)))).toBe(4);
    expect(await compare(folder.write("bare.pcap", pcapFile(105, bare.slice(0, 6))))).toBe(6);
  });

  it.skipIf(!tcpdump)("of real networks are read as tcpdump reads them", async ({ skip }) => {
    const [headers, frames] = ["radiotap-192.pcap", "bare80211-499.cap"].map(realSample);
    if (headers === undefined || frames === undefined) return skip("no samples");
    expect(await compare(headers)).toBe(192);
    expect(await compare(frames)).toBe(499);
  });
});
