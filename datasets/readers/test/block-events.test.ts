import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { conforms } from "../../formats/test/conformance.ts";
import { query } from "../../query.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { blkparse } from "../block/blkparse.ts";
import { fioIolog } from "../block/fio-iolog.ts";
import { openRows } from "./open-rows.ts";

// What blkparse 1.2 printed of the events in `blktraceEvents`.
const events = `  8,0    0        1     0.000000000   697  Q  WS 223490 + 8 [kjournald]
  8,0    0        2     0.000001345   697  G  WS 223490 + 8 [kjournald]
  8,0    0        3     0.000002000   697  P   N [kjournald]
  8,0    0        4     0.000002100   697  I  WS 223490 + 8 (     755) [kjournald]
  8,0    0        5     0.000002200   697  U   N [kjournald] 1
  8,0    0        6     0.000002300   697  D  WS 223490 + 8 [kjournald]
  8,0    0        7     0.000902300     0  C  WS 223490 + 8 (  902200) [0]
  8,0    0        8     1.000902300  1234  Q FWS [my app]
  8,0    0        9     1.000902400  1234  Q RAM 8192 + 16 [my app]
  8,1    0       10     1.000902500  1234  A RAM 8192 + 16 <- (8,1) 4096
  8,0    0       11     1.000902600  1234  X   R 8192 / 8200 [my app]
  8,0    0       12     1.000902700  1234  Q   D 16384 + 2048 [my app]
  8,0    0       13     1.000902800     0  C   D 16384 + 2048 [5]
  8,0    0       14     1.000902900  1234  D   R 36 (12 00 00 00 24 00 ..) [my app]
  8,0    0       15     1.000903000  1234  C   R (12 00 00 00 24 00 ..) [0]
  8,0    0        0     1.000903100     0  m   N cfq697S / add_to_rr
  8,0    0       17     1.000903200  1234  M   R 8192 + 8 [my app]
  8,0    0       18     1.000903300  1234  R   R 8192 + 8 [0]
  8,0    0       19     1.000903400  1234  Q FWFSM [my app]
  8,0    0       20     1.000903500  1234  Q  FF 0 + 8 [my app]
259,12  11       21    61.000903600 123456  C  WS 0 [0]
`;

const summary = `CPU0 (sda):
 Reads Queued:           1,        8KiB\t Writes Queued:           4,     1028KiB
 Read Dispatches:        0, 18446744073PiB\t Write Dispatches:        1,        4KiB
 IO unplugs:             1        \t Timer unplugs:           0

Total (sda):
 Reads Queued:           1,        8KiB\t Writes Queued:           4,     1028KiB

Throughput (R/W): 0KiB/s / 1028KiB/s
Events (sda): 19 entries
Skips: 0 forward (0 -   0.0%)
Input file sda.blktrace.0 added
`;

const short = `0.000000000 Q WS 223490 8
0.000902300 C WS 223490 8
1.000902300 Q FWS 0 0
`;

conforms(blkparse, {
  "the default format": { content: events, rows: 21 },
  "with its summary": { content: events.split("\n").slice(0, 3).join("\n") + `\n${summary}`, rows: 3, lossless: false },
  "a short format": { content: short, rows: 3 },
});

const second = `fio version 2 iolog
/data/f1 add
/data/f1 open
/data/f1 read 61440 4096
/data/f1 wait 250 0
/data/f1 write 491520 8192
/data/f1 sync 491520 0
/data/f1 trim 0 1048576
/data/f1 close
`;

const third = `fio version 3 iolog
744 f1 add
1510 f1 open
1519 f1 read 61440 4096
2939 f1 write 491520 4096
3127 f1 sync 954368 0
4000 f1 datasync 954368 0
6316 f1 close
`;

conforms(fioIolog, { "version 2": { content: second, rows: 8 }, "version 3": { content: third, rows: 7 } });

describe("events of block devices", () => {
  const folder = temporaryFolder();
  const rows = (text: string) => openRows(folder.write("trace", text));

  it("have these values: blkparse", async () => {
    const all = await rows(`${events}${summary}`);
    expect(all[6]).toEqual({
      timeNs: 902_300,
      op: "write",
      offsetBytes: 223490 * 512,
      sizeBytes: 4096,
      action: "C",
      rwbs: "WS",
      device: "8,0",
      cpu: 0,
      sequence: 7,
      pid: 0,
      elapsedNs: 902_200,
      process: null,
      error: 0,
      detail: null,
    });
    expect(all.map(({ op }) => op)).toEqual([
      ...["write", "write", "other", "write", "other", "write", "write", "flush", "read", "read", "read", "discard"],
      ...["discard", "read", "read", "other", "read", "read", "flush", "flush", "write"],
    ]);
    expect(all.map(({ detail }) => detail)).toEqual([
      ...[null, null, null, null, "1", null, null, null, null, "<- (8,1) 4096", "/ 8200", null, null],
      ...["36 (12 00 00 00 24 00 ..)", "(12 00 00 00 24 00 ..)", "cfq697S / add_to_rr", null, null, null, null, null],
    ]);
    expect(all.map(({ process, error }) => process ?? error)).toEqual([
      ...["kjournald", "kjournald", "kjournald", "kjournald", "kjournald", "kjournald", 0, "my app", "my app", null],
      ...["my app", "my app", 5, "my app", 0, null, "my app", 0, "my app", "my app", 0],
    ]);
    expect(all[10]).toMatchObject({ offsetBytes: 8192 * 512, sizeBytes: null });
    expect(all[13]).toMatchObject({ offsetBytes: null, sizeBytes: null });
    expect(all[20]).toMatchObject({ timeNs: 61_000_903_600, device: "259,12", cpu: 11, pid: 123456, offsetBytes: 0 });
    expect((await rows(short))[1]).toMatchObject({ timeNs: 902_300, op: "write", sizeBytes: 4096, device: null });
  });

  it("have these values: fio", async () => {
    expect(await rows(second)).toMatchObject([
      { timeNs: 0, op: "other", action: "add", offsetBytes: null, sizeBytes: null, file: "/data/f1", waitNs: null },
      { action: "open" },
      { timeNs: 0, op: "read", action: "read", offsetBytes: 61440, sizeBytes: 4096 },
      { timeNs: 250_000, op: "other", action: "wait", offsetBytes: null, sizeBytes: null, waitNs: 250_000 },
      { timeNs: 250_000, op: "write", offsetBytes: 491520, sizeBytes: 8192, waitNs: null },
      { op: "flush", offsetBytes: 491520, sizeBytes: 0 },
      { op: "discard", offsetBytes: 0, sizeBytes: 1048576 },
      { action: "close" },
    ]);
    expect((await rows(third)).map(({ timeNs, op }) => [timeNs, op])).toEqual([
      [744_000, "other"],
      [1_510_000, "other"],
      [1_519_000, "read"],
      [2_939_000, "write"],
      [3_127_000, "flush"],
      [4_000_000, "flush"],
      [6_316_000, "other"],
    ]);
  });

  it.each([
    [
      "  8,0    0        1     0.000000000   697  Q  WS 223490 8\n  8,0    0        2     0.000001345   697  G  WS 223490 8\n",
    ],
    ["0.000000000,697,Q,WS,223490,8\n0.000001345,697,G,WS,223490,8\n"],
    ["697 W Q 223490 4096 kjournald\n697 FN P 0 0 kjournald\n"],
    [`697;Q;R;8;4096\n${summary}`],
  ])("of a format of one's own are refused with what is supported, not taken for CSV: %j", async (text) => {
    await expect(rows(text)).rejects.toThrow(
      /^trace, line 1, field "(event|sector)": expected blkparse's default format \(.* or that of -f "%T.%t %a %d %S %n\\n", got "/,
    );
  });

  it("of a format without action or operation are no table of one column", async () => {
    await expect(rows("0.000000000 223490 8\n0.000001345 223498 8\n")).rejects.toThrow(
      `trace, line 1: expected a trace of a known format or a header with the columns' names, got "0.000000000"`,
    );
    // Names of columns, though with numbers.
    expect(await rows("load 5 min\n0.25\n")).toEqual([{ "load 5 min": 0.25 }]);
    expect(await rows("note 1\nsee below\n")).toEqual([{ "note 1": "see below" }]);
  });

  it("of a stacked device are told apart by the device", async () => {
    // A logical volume (253,0) on a disk (8,0), which has a request of its own, and on another disk (8,16).
    const path = folder.write(
      "stacked",
      `253,0    0        1     0.000000000   697  Q  WS 2048 + 8 [app]
  8,0    0        1     0.000000500   697  A  WS 4096 + 8 <- (253,0) 2048
  8,0    0        2     0.000000600   697  Q  WS 4096 + 8 [app]
253,0    0        2     0.000001000   697  Q   R 9000 + 8 [app]
  8,16   0        1     0.000001500   697  A   R 904 + 8 <- (253,0) 9000
  8,16   0        2     0.000001600   697  Q   R 904 + 8 [app]
  8,0    0        3     0.000002000   800  Q   R 8 + 8 [other]
`,
    );
    const counts = async (condition: string) =>
      (
        await query(
          `select device, count(*)::int as n from '${path}' where action = 'Q' ${condition} group by device order by device`,
        )
      )
        .toArray()
        .map((row: { toJSON: () => unknown }) => row.toJSON());
    expect(await counts("")).toEqual([
      { device: "253,0", n: 2 },
      { device: "8,0", n: 2 },
      { device: "8,16", n: 1 },
    ]);
    expect(await counts("and device = '253,0'")).toEqual([{ device: "253,0", n: 2 }]);
    const remapped = (await openRows(path)).filter(({ action }) => action === "A");
    expect(remapped.map(({ device, detail }) => [device, detail])).toEqual([
      ["8,0", "<- (253,0) 2048"],
      ["8,16", "<- (253,0) 9000"],
    ]);
  });

  it("say what they expected", async () => {
    await expect(rows(`${third}7000 f1 erase 0 1\n`)).rejects.toThrow(
      'line 9, field "action": expected one of add, open',
    );
    await expect(rows(events.replace("0.000002000", "0.00000200"))).rejects.toThrow('line 3, field "time"');
    await expect(rows(`${events}${summary}  8,0 gibberish\n`)).rejects.toThrow('field "cpu"');
    await expect(rows(`${events}CPU0 is hot\n`)).rejects.toThrow("trace, line 22");
  });

  it.skipIf(!tool("fio", ["--version"]))("is what fio logs", async () => {
    const log = folder.path("fio.log");
    execFileSync(
      "fio",
      [
        "--name=j",
        "--filename=disk",
        "--size=1m",
        "--rw=randrw",
        "--bs=4k",
        "--ioengine=sync",
        `--write_iolog=${log}`,
        "--fsync=16",
        "--randseed=1",
      ],
      { cwd: folder.path("."), stdio: "ignore" },
    );
    const all = await openRows(log);
    const requests = all.filter(({ op }) => op === "read" || op === "write");
    // 1 MiB in 4 KiB blocks, each once.
    expect(requests).toHaveLength(256);
    expect(new Set(requests.map(({ offsetBytes }) => offsetBytes)).size).toBe(256);
    expect(requests.every(({ sizeBytes }) => sizeBytes === 4096)).toBe(true);
    expect(all.some(({ op }) => op === "flush")).toBe(true);
    expect(all.map(({ action }) => action).filter((action) => action === "add" || action === "close")).toEqual([
      "add",
      "close",
    ]);
    const times = all.map(({ timeNs }) => Number(timeNs));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it.skipIf(!tool("blkparse", ["-V"], "blktrace"))("is what blkparse prints", async () => {
    const base = folder.write("sda.blktrace.0", blktraceEvents());
    const run = (...more: string[]) =>
      execFileSync("blkparse", ["-i", base.replace(/\.blktrace\.0$/, ""), ...more], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    const printed = run("-t");
    const lines = printed.split("\n").filter((line) => /^ +\d+,/.test(line));
    expect(lines).toHaveLength(4);
    const all = await rows(printed);
    const placed = all.map(({ timeNs, action, op, offsetBytes, sizeBytes, process, error }) => [
      ...[timeNs, action, op, offsetBytes, sizeBytes, process, error],
    ]);
    expect(placed).toEqual([
      [0, "Q", "write", 223490 * 512, 4096, "kjournald", null],
      [900, "D", "write", 223490 * 512, 4096, "kjournald", null],
      [901_000, "C", "write", 223490 * 512, 4096, null, 0],
      [1_000_000_000, "Q", "read", 4096, 8192, "kjournald", null],
    ]);
    const brief = await rows(run("-q", "-f", "%T.%t %a %d %S %n\\n"));
    const requests = (of: Record<string, unknown>[]) =>
      of.map(({ timeNs, action, op, offsetBytes, sizeBytes }) => [timeNs, action, op, offsetBytes, sizeBytes]);
    expect(requests(brief)).toEqual(placed.map((row) => row.slice(0, 5)));
    expect(requests(await rows(run("-q", "-f", "%5T.%9t\\t%2a\\t%-3d\\t%10S\\t%6n\\n")))).toEqual(requests(brief));
    // The documented header, with as much of the body as may follow it.
    const header = "%D %2c %8s %5T.%9t %5p %2a %3d";
    const [bare, place, named] = await Promise.all(
      ["\\n", " %S + %n\\n", " %S + %n [%C]\\n"].map((body, at) =>
        openRows(folder.write(`header-${at}`, run("-q", "-f", header + body))),
      ),
    );
    expect(requests(place!)).toEqual(requests(brief));
    expect(requests(named!)).toEqual(requests(brief));
    expect(named!.map(({ process, error }) => process ?? error)).toEqual([
      "kjournald",
      "kjournald",
      expect.anything(),
      "kjournald",
    ]);
    expect(bare!.map(({ timeNs, action, rwbs, offsetBytes }) => [timeNs, action, rwbs, offsetBytes])).toEqual(
      brief.map(({ timeNs, action, rwbs }) => [timeNs, action, rwbs, null]),
    );
    for (const format of [`${header} %S %N\\n`, "%M %m %d %a %S %9n %5T.%9t\\n", "%5T.%9t,%p,%a,%d,%S,%n\\n"])
      await expect(openRows(folder.write("own", run("-q", "-f", format)))).rejects.toThrow(
        "expected blkparse's default",
      );
    for (const format of [`${header} %S %N\\n`, "%M %m %d %a %S %9n %5T.%9t\\n", "%5T.%9t,%p,%a,%S,%n,%d\\n"])
      await expect(openRows(folder.write("own", run("-q", "-f", format)), { as: "blkparse" })).rejects.toThrow(
        /own, line 1, field "(event|sector)": expected blkparse's default format \(" {2}8,0 3 1 .* or that of -f "%T.%t %a %d %S %n\\n", got "/,
      );
  });
});

/** A file of blktrace: `struct blk_io_trace` of linux/blktrace_api.h, version 7, one processor's. */
function blktraceEvents(): Uint8Array {
  const [readBit, writeBit, syncBit, queueBit, issueBit, completeBit, notifyBit] = [0, 1, 3, 4, 6, 7, 10].map(
    (bit) => 1 << (16 + bit),
  );
  const event = (sequence: number, ns: number, sector: number, bytes: number, action: number, payload = ""): Buffer => {
    const record = Buffer.alloc(48);
    record.writeUInt32LE(0x65617407, 0);
    record.writeUInt32LE(sequence, 4);
    record.writeBigUInt64LE(BigInt(ns), 8);
    record.writeBigUInt64LE(BigInt(sector), 16);
    record.writeUInt32LE(bytes, 24);
    record.writeUInt32LE(action, 28);
    record.writeUInt32LE(697, 32);
    record.writeUInt32LE(8 << 20, 36);
    record.writeUInt16LE(payload.length, 46);
    return Buffer.concat([record, Buffer.from(payload)]);
  };
  return Buffer.concat([
    event(0, 0, 0, 0, notifyBit!, "kjournald\0"),
    event(1, 100, 223490, 4096, 1 | writeBit! | syncBit! | queueBit!),
    event(2, 1000, 223490, 4096, 7 | writeBit! | syncBit! | issueBit!),
    event(3, 901_100, 223490, 4096, 8 | writeBit! | syncBit! | completeBit!),
    event(4, 1_000_000_100, 8, 8192, 1 | readBit! | queueBit!),
  ]);
}
