import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { alibaba } from "../block/alibaba.ts";
import { libcachesimCsv } from "../block/libcachesim-csv.ts";
import { libcachesimTxt } from "../block/libcachesim-txt.ts";
import { mqsim } from "../block/mqsim.ts";
import { msr } from "../block/msr.ts";
import { spc } from "../block/spc.ts";
import { tencent } from "../block/tencent.ts";
import { openRows } from "./open-rows.ts";

conforms(alibaba, {
  "a few requests": {
    content:
      "419,W,8792731648,16384,1577808000000046\n725,R,23992905728,4096,1577808000000074\n419,R,0,512,1577808000000060\n",
    rows: 3,
  },
});

// Made up: the traces may not be passed on.
const msrText =
  "128166372003061629,prxy,0,Read,383496192,32768,413\n128166372016382155,prxy,1,Write,2822144,4096,2100\n128166372016382100,prxy,0,Write,0,0,0\n";

conforms(msr, {
  "a few requests": { content: msrText, rows: 3 },
  "below a header": {
    content: `Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime\n${msrText}`,
    rows: 3,
  },
});

const tencentText = "1538323199,12910952,128,0,1063\n1538323200,6160447,8,1,1283\n";

conforms(tencent, { "a few requests": { content: tencentText, rows: 2 } });

const mqsimText = "938513000 4 264719034 16 0\n938828000 3 197570570 16 1\n";

conforms(mqsim, { "a few requests": { content: mqsimText, rows: 2 } });

const spcText = "0,20941264,8192,W,0.551706\n1,3436288,15872,R,1.250720,0x123,5.99,test\n2,1,512,W,2.000000001,\n";

conforms(spc, {
  "a few requests": { content: spcText, rows: 3 },
  "small letters and spaces": {
    content: "0, 303567, 3584, w, 0.0\n1,\t55590,3072,r,0.0265\n",
    rows: 2,
    lossless: false,
  },
});

const csvText = "version,time,op,size,lbn\n1,5633898,2a,512,42932745\n1,5633899,28,6656,40409911\n1,5633899,a,0,0\n";

conforms(libcachesimCsv, { "a few requests": { content: csvText, rows: 3 } });

const txtText = "42932745\n18446744073709551615\n0\n";

conforms(libcachesimTxt, { "a few objects": { content: txtText, rows: 3, recognised: false } });

describe("texts of block traces", () => {
  const folder = temporaryFolder();
  const rows = (text: string) => openRows(folder.write("trace", text));

  it("have these values: MSR", async () => {
    const [first, second, third] = await rows(msrText);
    expect(first).toEqual({
      timeNs: 0,
      op: "read",
      offsetBytes: 383496192,
      sizeBytes: 32768,
      host: "prxy",
      disk: 0,
      responseNs: 41_300,
    });
    // 13,320,526 units of 100 ns after the first.
    expect(second).toMatchObject({ timeNs: 1_332_052_600, op: "write", disk: 1, responseNs: 210_000 });
    expect(third).toMatchObject({ timeNs: 1_332_047_100, sizeBytes: 0 });
  });

  it("have these values: Tencent", async () => {
    const [first, second] = await rows(tencentText);
    expect(first).toEqual({ timeNs: 0, op: "read", offsetBytes: 12910952 * 512, sizeBytes: 65536, volume: 1063 });
    expect(second).toMatchObject({ timeNs: 1e9, op: "write", sizeBytes: 4096 });
  });

  it("have these values: MQSim", async () => {
    expect(await rows(mqsimText)).toEqual([
      { timeNs: 938_513_000, op: "write", offsetBytes: 264719034 * 512, sizeBytes: 8192, device: 4 },
      { timeNs: 938_828_000, op: "read", offsetBytes: 197570570 * 512, sizeBytes: 8192, device: 3 },
    ]);
  });

  it("have these values: SPC", async () => {
    expect(await rows(spcText)).toEqual([
      { timeNs: 551_706_000, op: "write", offsetBytes: 20941264 * 512, sizeBytes: 8192, unit: 0, extra: null },
      {
        timeNs: 1_250_720_000,
        op: "read",
        offsetBytes: 3436288 * 512,
        sizeBytes: 15872,
        unit: 1,
        extra: "0x123,5.99,test",
      },
      { timeNs: 2_000_000_001, op: "write", offsetBytes: 512, sizeBytes: 512, unit: 2, extra: "" },
    ]);
  });

  it("have these values: libCacheSim", async () => {
    const [first, second, third] = await rows(csvText);
    expect(first).toEqual({
      timeNs: 0,
      op: "write",
      offsetBytes: 42932745 * 512,
      sizeBytes: 512,
      command: 0x2a,
      version: 1,
    });
    expect(second).toMatchObject({ timeNs: 1e9, op: "read", sizeBytes: 6656 });
    expect(third).toMatchObject({ op: "write", command: 0x0a });
    expect(await openRows(folder.write("trace", txtText), { as: "libcachesim-txt" })).toEqual([
      { timeNs: null, op: "other", offsetBytes: 42932745 * 512, sizeBytes: null, object: 42932745n },
      { timeNs: null, op: "other", offsetBytes: null, sizeBytes: null, object: 18446744073709551615n },
      { timeNs: null, op: "other", offsetBytes: 0, sizeBytes: null, object: 0n },
    ]);
  });

  it("are not what any list of numbers is, which has to be named", async () => {
    for (const text of [txtText, `\ufeff${txtText.replaceAll("\n", "\r\n\r\n")}`, "7"])
      await expect(rows(text)).rejects.toThrow(
        'trace: expected a table or a trace of a known format, got a list of numbers, which does not say what they are (the option "as" does: "libcachesim-txt"',
      );
    expect(await openRows(folder.write("trace", txtText), { as: "csv" })).toHaveLength(2);
    expect(await rows(`object\n${txtText}`)).toHaveLength(3);
  });

  it("say what they expected", async () => {
    await expect(rows(msrText.replace("Write", "write"))).rejects.toThrow(
      'trace, line 2, field "Type": expected Read or Write, got "write,2822144',
    );
    await expect(rows(`${tencentText}1538323200,6160447,8,2,1283\n`)).rejects.toThrow('line 3, field "IOType"');
    await expect(rows(`${csvText}1,5633899,228,0,0\n`)).rejects.toThrow('line 5, field "op"');
    await expect(rows(`${tencentText}1538323200,17592186044417,8,1,1\n`)).rejects.toThrow('line 3, field "Offset"');
  });
});
