import * as arrow from "apache-arrow";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { convert } from "../convert.ts";
import { traceFormats } from "../formats/index.ts";
import { importTrace } from "../import.ts";
import { open, stream } from "../open.ts";
import { toPageRuns } from "../to-page-runs.ts";
import { writeArrow } from "../write/arrow.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();

interface Request {
  readonly timeNs: number | null;
  readonly op: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly device?: string;
}

const requests: readonly Request[] = [
  { timeNs: 0, op: "read", offsetBytes: 4096, sizeBytes: 512 },
  { timeNs: 3e9, op: "write", offsetBytes: 2 ** 40, sizeBytes: 65_536 },
];

async function blocks(rows: readonly Request[]): Promise<string> {
  const path = folder.path("requests.arrow");
  await writeArrow(path, arrow.tableFromJSON([...rows] as unknown as Record<string, unknown>[]).batches);
  return path;
}

const written = async (rows: readonly Request[], to: string): Promise<unknown> =>
  convert(await blocks(rows), folder.path("out"), { to }).catch((error: unknown) => (error as Error).message);

describe("a trace of a kind's columns and no more", () => {
  it.each(traceFormats.filter(({ kind, write }) => kind === "block" && write !== undefined).map(({ name }) => name))(
    "is written as %s and read again, or what is missing is named",
    async (to) => {
      const outcome = await written(requests, to);
      if (typeof outcome === "string")
        expect(outcome).toMatch(new RegExp(`^to ${to}, field "\\w+": expected this column in what is to be written$`));
      else {
        const again = await open(folder.path("out"), { as: to, columns: Object.keys(requests[0]!) });
        expect(again.toArray().map((row: { toJSON: () => unknown }) => row.toJSON())).toEqual(requests);
      }
    },
  );

  it("is written in these formats", async () => {
    const outcomes = await Promise.all(["alibaba", "tencent", "mqsim", "spc"].map((to) => written(requests, to)));
    expect(outcomes).toEqual([2, 2, 2, 2].map((rows) => expect.objectContaining({ rows }) as unknown));
  });
});

describe("what a format cannot hold is refused, with its row", () => {
  it.each<[Partial<Request>, string]>([
    [{ timeNs: null }, 'to alibaba, row 2, field "timeNs": expected a number, got null'],
    [{ op: "flush" }, 'to alibaba, row 2, field "op": expected one of read, write, got "flush"'],
    [{ offsetBytes: -512 }, 'to alibaba, row 2, field "offsetBytes": expected a whole number of at least 0, got -512'],
    [{ sizeBytes: 0.5 }, 'to alibaba, row 2, field "sizeBytes": expected a whole number of at least 0, got 0.5'],
    [
      { sizeBytes: 1e17 },
      'to alibaba, row 2, field "sizeBytes": expected a whole number of at least 0, got 100000000000000000',
    ],
    [{ device: "8,0" }, 'to alibaba, row 1, field "device": expected a number, got ""'],
    [{ timeNs: -1 }, "to alibaba: expected times that are not before the trace's zero, got -1 ns"],
  ])("%j", async (change, message) => {
    expect(await written([requests[0]!, { ...requests[1]!, ...change }], "alibaba")).toBe(message);
  });

  const float = (...values: (number | null)[]) => arrow.vectorFromArray(values, new arrow.Float64());
  const wide = (...values: bigint[]) => arrow.vectorFromArray(values, new arrow.Int64());
  const words = (...values: string[]) => arrow.vectorFromArray(values, new arrow.Utf8());
  const place = { timeNs: float(0, 1e9), offsetBytes: float(0, 512), sizeBytes: float(512, 512) };
  const plain = {
    serial: float(1, 2),
    scatterSegments: float(1, 1),
    command: float(0x28, 0x28),
    version: float(256, 256),
  };
  const tables = {
    vscsi: { ...place, ...plain },
    alibaba: { ...place, op: words("read", "write"), device: float(1, 2) },
    tencent: { ...place, op: words("read", "write"), volume: float(1, 2) },
    "oracle-general": { ...place, object: wide(1n, 2n), nextAccess: float(null, null) },
    champsim: {
      ...{ kind: words("fetch", "write"), address: wide(4096n, 8192n), branch: words("no", "no") },
      ...{ destinationRegisters: float(1, 1), sourceRegisters: float(1, 1), slot: float(0, 0) },
    },
    lackey: {
      kind: words("fetch", "read"),
      address: wide(1n, 2n),
      sizeBytes: float(3, 8),
      operation: words("fetch", "load"),
    },
    dinero: { label: words("fetch", "read"), address: wide(1n, 2n) },
    "dinero-extended": { label: words("fetch", "read"), address: wide(1n, 2n), sizeBytes: float(3, 8) },
    pinatrace: {
      ...{ kind: words("read", "write"), address: wide(1n, 2n), sizeBytes: float(3, 8), pc: wide(1n, 1n) },
      value: words("0x1", "0x1"),
    },
  } as const;
  const computed = async (to: string, columns: object) => {
    await writeArrow(folder.path("computed.arrow"), new arrow.Table(columns as Record<string, arrow.Vector>));
    return convert(folder.path("computed.arrow"), folder.path("out"), { to });
  };

  it.each(Object.entries(tables))("computed columns that do fit are written: %s", async (to, columns) => {
    expect(await computed(to, columns)).toMatchObject({ rows: 2 });
    expect((await open(folder.path("out"), { as: to })).numRows).toBe(2);
  });

  it.each<[keyof typeof tables, string, arrow.Vector, string]>([
    ["vscsi", "sizeBytes", float(512, 2 ** 32), "at most 4294967295, got 4294967296"],
    ["vscsi", "serial", float(1, 2 ** 32), "at most 4294967295, got 4294967296"],
    ["vscsi", "scatterSegments", float(1, -1), "a whole number of at least 0, got -1"],
    ["vscsi", "command", float(1, 65_536), "at most 65535, got 65536"],
    ["vscsi", "version", float(256, 0x203), "1 in the upper byte, got 515"],
    ["vscsi", "timeNs", float(0, 1e30), "a time stamp below 2^64 microseconds, got 1e+30"],
    ["alibaba", "device", float(1, 2 ** 32), "at most 4294967295, got 4294967296"],
    ["tencent", "volume", float(1, 2 ** 32), "at most 4294967295, got 4294967296"],
    ["oracle-general", "sizeBytes", float(512, 2 ** 32), "at most 4294967295, got 4294967296"],
    [
      "oracle-general",
      "timeNs",
      float(0, 2 ** 32 * 1e9),
      "a time stamp of at most 4294967295 s, got 4294967296000000000",
    ],
    ["oracle-general", "object", wide(1n, -1n), "a whole number of at least 0, got -1"],
    ["oracle-general", "nextAccess", float(null, 1.5), "a whole number of at least 0, got 1.5"],
    ["champsim", "destinationRegisters", float(65_536, 1), "at most 65535, got 65536"],
    ["champsim", "sourceRegisters", float(2 ** 32, 1), "at most 4294967295, got 4294967296"],
    ["champsim", "slot", float(0, 2), "at most 1, got 2"],
    ["champsim", "branch", words("perhaps", "no"), 'one of no, not taken, taken, got "perhaps"'],
    ["champsim", "kind", words("write", "fetch"), 'a fetch before its reads and writes, got "write"'],
    ["champsim", "kind", words("fetch", "prefetch"), 'one of fetch, read, write, got "prefetch"'],
    ["lackey", "sizeBytes", float(3, 0.5), "a whole number of at least 0, got 0.5"],
    ["lackey", "operation", words("fetch", "jump"), 'one of fetch, load, store, modify, got "jump"'],
    ["dinero", "label", words("jump", "read"), 'one of read, write, fetch, miscellaneous, got "jump"'],
    ["dinero-extended", "label", words("jump", "read"), 'one of read, write, fetch, miscellaneous, got "jump"'],
    ["dinero-extended", "sizeBytes", float(3, -8), "a whole number of at least 0, got -8"],
    ["pinatrace", "kind", words("fetch", "read"), 'one of read, write, got "fetch"'],
  ])("computed: %s, %s", async (to, field, column, sentence) => {
    await expect(computed(to, { ...tables[to], [field]: column })).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`^to ${to}, row [12], field "${field}": expected `)) as string,
    });
    await expect(computed(to, { ...tables[to], [field]: column })).rejects.toThrow(`: expected ${sentence}`);
  });

  it("a sector that does not exist", async () => {
    expect(await written([{ ...requests[0]!, offsetBytes: 2 ** 53 - 1 }], "mqsim")).toMatch(
      /^to mqsim, row 1, field "offsetBytes": expected a multiple of 512, got 9007199254740991$/,
    );
  });

  it("events in place of requests", async () => {
    const path = folder.path("events.txt");
    writeFileSync(path, "  8,0    1        1     0.000000000   697  Q   W 223490 + 8 [kjournald]\n");
    await expect(convert(path, folder.path("out"), { to: "mqsim" })).rejects.toThrow(
      'the trace, field "action": expected requests, got events of requests',
    );
  });
});

describe("several sources", () => {
  const line = (microseconds: bigint): string => `1,R,0,4096,${microseconds}\n`;
  const first = 1_577_808_000_000_000n;
  const times = async (): Promise<number[]> =>
    [...(await open(folder.path("all.arrow"))).getChild("timeNs")!] as number[];

  it("count from the first one that has rows", async () => {
    const sources = ["empty", "one", "two"].map((name) => folder.path(name));
    ["", line(first) + line(first + 100n), line(first + 1_000_000n)].forEach((text, at) => {
      writeFileSync(sources[at]!, text);
    });
    const report = await importTrace(sources, folder.path("all.arrow"), { as: "alibaba" });
    expect(report).toMatchObject({ rows: 3, outOfOrder: 0 });
    expect(await times()).toEqual([0, 100_000, 1e9]);
    await importTrace(folder.path("empty"), folder.path("all.arrow"), { as: "alibaba" });
    expect(await times()).toEqual([]);
  });

  it("that are too far apart are refused", async () => {
    const sources = ["one", "later"].map((name) => folder.path(name));
    writeFileSync(sources[0]!, line(first));
    writeFileSync(sources[1]!, line(first + 100_000_000_000_000n));
    await expect(importTrace(sources, folder.path("all.arrow"))).rejects.toThrow(
      'field "timeNs": expected times within 104 days of the first file\'s first one, got 100000000000000000 ns',
    );
  });

  it("of noise, too", async () => {
    const sources = ["noise-1", "noise-2"].map((name) => folder.path(name));
    writeFileSync(sources[0]!, "1700000000000000000\t100\n1700000000000001000\t100\n");
    writeFileSync(sources[1]!, "1700000005000000000\t100\n");
    const report = await importTrace(sources, folder.path("noise.arrow"));
    expect(report.outOfOrder).toBe(0);
    const starts = (await open(folder.path("noise.arrow"))).getChild("startNs")!;
    expect([...starts]).toEqual([0, 1000, 5e9]);
  });
});

it("page runs are the same from a reader, an Arrow file and a Parquet file", async () => {
  const path = folder.path("trace.lackey");
  writeFileSync(path, "I  04001000,3\n S 1ffeffe8,8\nI  04001003,5\n L 1ffeffe8,8\n");
  const runs = async (source: string): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const batch of toPageRuns(stream(source)))
      found.push(...batch.toArray().map((row: { toJSON: () => unknown }) => row.toJSON()));
    return found;
  };
  const expected = await runs(path);
  expect(expected.length).toBeGreaterThan(1);
  for (const ending of ["arrow", "parquet"]) {
    await importTrace(path, folder.path(`trace.${ending}`));
    expect(await runs(folder.path(`trace.${ending}`))).toEqual(expected);
  }
});
