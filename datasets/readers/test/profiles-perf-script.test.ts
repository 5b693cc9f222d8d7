import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { open, stream } from "../../open.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { perfScript } from "../profiles/perf-script.ts";
import { openRows, rowsOf } from "./open-rows.ts";
import { realSample } from "./real-sample.ts";

const callChains = `# ========
# hostname : laboratory
# ========
#
sleep  4827 15592.331715:     250000 cpu-clock: 
\tffffffff816e9516 set_root+0x36 ([kernel.kallsyms])
\tffffffff81000130 entry_SYSCALL_64_after_hwframe+0x76 ([kernel.kallsyms])
\t           20b1d open(char const*, int)+0x2d (/usr/lib/ld-linux-x86-64.so.2)
\t    7fb639b478a8 [unknown] ([unknown])

Web Content 12  4827/4830  [001] 15592.331963:          1 cycles:u: 
\t             7df main (/tmp/a/noploop (deleted))
\t             7e0 [unknown] (/tmp/perf-10939.map)

qemu  4830/4830  [001] 15592.332000:     250000 cpu-clock: 

`;

conforms(perfScript, {
  "call chains": { content: callChains, rows: 3 },
  "no call chains": {
    content: `              sh  4854 15593.473875:     250000 cpu-clock:      7fed752d969e handle_amd+0x7e (/usr/lib/ld.so.2)
        qemu-kvm  4855 [000] 15593.474127:          1 kvm:kvm_exit: reason EPT_VIOLATION rip 0x7f01 info 181 0
`,
    rows: 2,
  },
  "nanoseconds, soon after the machine started": {
    content: `sh 26681 [000]   281.655186029:     250000 cpu-clock: 
\tffffffff81001408 xen_hypercall_event_channel_op ([kernel.kallsyms])

`,
    rows: 1,
  },
  "no period, as older versions print": {
    content: `java 11008 [001] 30143.481555: cpu-clock: 
\tffffffff81001408 xen_hypercall_event_channel_op ([kernel.kallsyms])

`,
    rows: 1,
  },
});

const frequent = (rows: readonly Record<string, unknown>[], field: string) => {
  const counts = new Map<unknown, number>();
  for (const row of rows) counts.set(row[field], (counts.get(row[field]) ?? 0) + 1);
  return Object.fromEntries(counts) as Record<string, number>;
};

describe("perf script's samples", () => {
  const folder = temporaryFolder();

  it("have these values", async () => {
    const table = await open(folder.write("perf.txt", callChains));
    expect(table.schema.metadata.get("veelab.origin")).toBe("15592331715000");
    expect(table.schema.metadata.get("veelab.header")).toContain("hostname : laboratory");
    const rows = rowsOf(table);
    expect(rows).toMatchObject([
      {
        timeNs: 0,
        process: "sleep",
        event: "cpu-clock",
        weight: 250000,
        stack: "[unknown];open(char const*, int);entry_SYSCALL_64_after_hwframe;set_root",
        pid: null,
        tid: 4827,
        cpu: null,
      },
      { timeNs: 248000, process: "Web Content 12", event: "cycles:u", pid: 4827, tid: 4830, cpu: 1, weight: 1 },
      { timeNs: 285000, process: "qemu", stack: "", frames: null },
    ]);
    expect(rows[1]!["stack"]).toBe("[perf-10939.map];main");
  });

  it("whose frame is bad are left out whole", async () => {
    const bad = callChains.replace("ffffffff81000130", "an address ");
    const told: string[] = [];
    const rows = await openRows(folder.write("bad.txt", bad), {
      skipBad: 1,
      onSkip: (error) => told.push(error.message),
    });
    expect(rows).toHaveLength(2);
    expect(told).toEqual([
      'bad.txt, line 7, field "frame": expected an address in hexadecimal and a symbol, got "an address  entry_SYSCALL_64_after_hwfra"',
    ]);
  });

  const perf = spawnSync("perf", ["record", "-o", folder.path("probe.data"), "-e", "cpu-clock", "true"]).status === 0;
  it.skipIf(!perf)("of a run of perf are all read, and written byte for byte", async () => {
    const data = folder.path("perf.data");
    spawnSync("perf", [
      "record",
      "-o",
      data,
      "-e",
      "cpu-clock",
      "--sample-cpu",
      "-g",
      "sh",
      "-c",
      "for i in 1 2 3 4 5 6 7 8 9; do ls / ; done",
    ]);
    const text = (fields: readonly string[]) =>
      spawnSync("perf", ["script", "-i", data, ...fields], { encoding: "utf8", maxBuffer: 1 << 28 }).stdout;
    for (const fields of [[], ["-F", "comm,pid,tid,cpu,time,period,event,ip,sym,symoff,dso"], ["--ns"], ["-G"]]) {
      const content = text(fields);
      const path = folder.write("perf-script.txt", content);
      const rows = await openRows(path);
      expect(rows.length).toBeGreaterThan(3);
      expect(rows).toHaveLength(content.split("\n").filter((line) => line.includes(" cpu-clock")).length);
      const parts: Uint8Array[] = [];
      for await (const part of perfScript.write!(stream(path))) parts.push(part);
      expect(Buffer.concat(parts).toString()).toBe(content);
    }
  });

  it("of real profiles are all read", async ({ skip }) => {
    const [xen, counters, faults] = ["perf-xen-numa.txt", "perf-cycles-instructions.txt", "perf-page-faults.txt"].map(
      realSample,
    );
    if (xen === undefined || counters === undefined || faults === undefined) return skip("no samples");
    const rows = await openRows(xen);
    expect(rows).toHaveLength(200);
    expect(
      rows.flatMap((row) => String(row["frames"]).split("\n")).filter((frame) => /xen|hypercall/.test(frame)),
    ).toHaveLength(369);
    expect(frequent(await openRows(counters), "event")).toEqual({ cycles: 111, instructions: 333 });
    expect(frequent(await openRows(faults), "event")).toEqual({ "page-faults": 23 });
  });
});
