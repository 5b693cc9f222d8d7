import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { stream } from "../../open.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { collapsed } from "../profiles/collapsed.ts";
import { kvmStat } from "../profiles/kvm-stat.ts";
import { perfStat } from "../profiles/perf-stat.ts";
import { openRows } from "./open-rows.ts";

const whole = `# started on Thu Nov 26 23:52:31 2026

     1.000155645,1.07,msec,task-clock,1070257,100.00,0.011,CPUs utilized
     1.000155645,<not supported>,,cycles,0,100.00,,
     1.000155645,7700,,cpu/event=0x3c,umask=0x1/u,1070257,66.67,71.945,K/sec
     1.000155645,,,,,,0.550,stalled cycles per insn
    12.002034980,<not counted>,msec,task-clock,0,100.00,,
`.replace("\n\n", "\n");

const perProcessor = `     0.101069529,CPU0,101.21,msec,task-clock,101208456,100.00,1.012,CPUs utilized
     0.101069529,CPU1,<not supported>,,cycles,0,100.00,,
`;
const perSocket = `     0.100175613,S0,2,200.68,msec,task-clock,200676007,100.00,2.007,CPUs utilized
     0.100175613,S1,1,<not supported>,,cycles,0,100.00,,
     0.100175613,S1,16,12,,faults,0,100.00,,
`;

conforms(perfStat, {
  "of a command": { content: whole, rows: 5 },
  "of each processor": { content: perProcessor, rows: 2 },
  "of each socket": { content: perSocket, rows: 3 },
  "without metrics": { content: "     1.000155645,77,,page-faults,1070257,100.00\n", rows: 1, lossless: false },
});

describe("perf stat's intervals", () => {
  const folder = temporaryFolder();

  it("have these values", async () => {
    const rows = await openRows(folder.write("stat.csv", whole));
    expect(rows[0]).toEqual({
      timeNs: 1_000_155_645,
      event: "task-clock",
      value: 1.07,
      valueUnit: "msec",
      missing: null,
      counted: null,
      processors: null,
      ranNs: 1_070_257,
      ranPercent: 100,
      metric: 0.011,
      metricUnit: "CPUs utilized",
    });
    expect(rows[1]).toMatchObject({ event: "cycles", value: null, missing: "not supported", metric: null });
    expect(rows[2]).toMatchObject({ event: "cpu/event=0x3c,umask=0x1/u", value: 7700, ranPercent: 66.67 });
    expect(rows[3]).toMatchObject({ event: "", value: null, metric: 0.55, metricUnit: "stalled cycles per insn" });
    const sockets = await openRows(folder.write("sockets.csv", perSocket));
    expect(sockets[2]).toMatchObject({ counted: "S1", processors: 16, value: 12 });
  });

  const perf = spawnSync("perf", ["stat", "-e", "task-clock", "true"]).status === 0;
  it.skipIf(!perf)("of a run of perf are written byte for byte", async () => {
    for (const mode of [[], ["-a", "-A"], ["-a", "--per-socket"]]) {
      const { stderr } = spawnSync(
        "perf",
        ["stat", "-I", "100", "-x,", "-e", "task-clock,cycles,page-faults", ...mode, "sleep", "0.25"],
        { encoding: "utf8" },
      );
      const path = folder.write("real.csv", stderr);
      expect((await openRows(path)).length).toBe(stderr.split("\n").length - 1);
      const parts: Uint8Array[] = [];
      for await (const part of perfStat.write!(stream(path))) parts.push(part);
      expect(Buffer.concat(parts).toString()).toBe(stderr);
    }
  });
});

const stacks = "qemu;main_loop;ioctl 48\njava;[unknown];void Foo<int, char>::bar(int) 7\nswapper 1\n";

conforms(collapsed, { "three stacks": { content: stacks, rows: 3 } });

describe("collapsed stacks", () => {
  const folder = temporaryFolder();

  it("have these values", async () => {
    const rows = await openRows(folder.write("folded.txt", stacks));
    expect(rows[1]).toEqual({
      timeNs: null,
      process: null,
      event: null,
      weight: 7,
      stack: "java;[unknown];void Foo<int, char>::bar(int)",
    });
  });
});

const exits = `

Analyze events for all VMs, all VCPUs:

             VM-EXIT    Samples  Samples%     Time%    Min Time    Max Time         Avg time

                 HLT       2232     8.62%    99.92%      0.56us 1001118.99us  30567.94us ( +-   9.88% )
  EXTERNAL_INTERRUPT       5877    22.69%     0.02%      0.37us   1175.48us      2.43us ( +-    nan% )
0x3f8:POUT and more          1     0.01%     0.00%      0.37us      0.37us      0.37us ( +-   0.00% )

Total Samples:8110, Total events handled time:68281638.61us.

`;

conforms(kvmStat, {
  "a report": { content: exits, rows: 3 },
  "an old report": {
    content: `Analyze events for all VCPUs:

             VM-EXIT    Samples  Samples%     Time%         Avg time 

                 HLT       2232     8.62%    99.92%  30567.94us ( +-   9.88% )
`,
    rows: 1,
  },
});

describe("perf kvm stat's table", () => {
  const folder = temporaryFolder();

  it("has these values", async () => {
    const rows = await openRows(folder.write("exits.txt", exits));
    expect(rows[0]).toEqual({
      timeNs: null,
      event: "HLT",
      value: 2232,
      samplesPercent: 8.62,
      timePercent: 99.92,
      minNs: 560,
      maxNs: 1_001_118_990,
      meanNs: 30_567_940,
      deviationPercent: 9.88,
    });
    expect(rows[1]).toMatchObject({ event: "EXTERNAL_INTERRUPT", deviationPercent: null });
    expect(rows[2]).toMatchObject({ event: "0x3f8:POUT and more", value: 1 });
  });
});
