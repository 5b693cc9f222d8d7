import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/temporary.ts";
import { openRows } from "./open-rows.ts";
import { station, frame, words, pcapFile } from "./radio-file.ts";

describe("a capture of many stations", () => {
  const folder = temporaryFolder();

  it("has the address of each frame, also of those that are seen again", async () => {
    const sent = Array.from({ length: 5000 }, (_, at) => {
      const station = Math.imul(at % 3 === 0 ? at : at % 700, 0x9e3779b1) >>> 0;
      return [
        ...[station & 255, 0x02, station >>> 24],
        ...[(station >>> 16) & 255, (station >>> 8) & 255, station & 255],
      ];
    });
    const file = folder.write(
      "many.pcap",
      pcapFile(
        105,
        sent.map((to) => frame(1, 13, 0, 0, ...to)),
      ),
    );
    const rows = await openRows(file, { columns: ["receiver"] });

    expect(rows.map(({ receiver }) => receiver)).toEqual(
      sent.map((to) => to.map((byte) => byte.toString(16).padStart(2, "0")).join(":")),
    );
  });
});

describe("a capture of many kinds of radiotap headers", () => {
  const folder = temporaryFolder();

  it("has the fields of each frame, whatever the frames around it have", async () => {
    // Flags, rate, signal, noise and antenna, each there or not, behind none to 19 further words of bits.
    const bits = [1, 2, 5, 6, 11];
    const names = ["badFcs", "rateMbps", "signalDbm", "noiseDbm", "antenna"];
    const count = 3000;
    const has = (at: number, field: number): boolean => ((Math.imul(at, 0x9e3779b1) >>> (27 + field)) & 1) === 1;
    const sent = Array.from({ length: count }, (_, at) => {
      const further = (at * 7) % 20;
      const there = bits.filter((_, field) => has(at, field));
      const header = [
        ...words(
          true,
          there.reduce((word, bit) => word + 2 ** bit, further > 0 ? 2 ** 31 : 0),
        ),
        ...Array.from({ length: further }, (_, word) => words(true, word < further - 1 ? 0x80000000 : 0)).flat(),
        ...there.map((bit) => (bit === 1 ? 0x40 : (at + bit) & 127)),
      ];
      return [0, 0, 4 + header.length, 0, ...header, ...frame(1, 13, 0, 0, ...station)];
    });
    const rows = await openRows(folder.write("layouts.pcap", pcapFile(127, sent)), { columns: names });

    const expected = (at: number, field: number): unknown => {
      if (!has(at, field)) return null;
      const value = (at + bits[field]!) & 127;
      return field === 0 ? true : field === 1 ? value / 2 : value;
    };
    expect(rows.map((row) => names.map((name) => row[name]))).toEqual(
      sent.map((_, at) => names.map((_, field) => expected(at, field))),
    );
  });
});

describe("a capture of many damaged radiotap headers", () => {
  const folder = temporaryFolder();

  it("has the fields of the frames behind them", async () => {
    const damaged = Array.from({ length: 2000 }, (_, at) => [
      ...[0, 0, 8, 0, ...words(true, 2 * (at + 1))],
      ...frame(1, 13, 0, 0, ...station),
    ]);
    // A rate, and nothing else.
    const good = [0, 0, 9, 0, ...words(true, 2 ** 2), 108, ...frame(1, 13, 0, 0, ...station)];
    const file = folder.write("damaged.pcap", pcapFile(127, [...damaged, good]));
    const rows = await openRows(file, { columns: ["rateMbps", "signalDbm"], skipBad: damaged.length });

    expect(rows).toEqual([{ rateMbps: 54, signalDbm: null }]);
  });
});
