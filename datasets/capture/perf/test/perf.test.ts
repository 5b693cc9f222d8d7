import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tool } from "../../../../kernel/test/tool.ts";
import { open } from "../../../open.ts";
import { temporaryFolder } from "../../../test/temporary.ts";
import { capturePerf } from "../capture-perf.ts";

const folder = temporaryFolder();
const out = folder.path("counted.arrow");

describe("options of perf that cannot be used are one sentence", () => {
  it.each([
    [{ out: "counted.txt" }, 'out: expected a file name that ends in .arrow or .arrow.gz, got "counted.txt"'],
    [{ events: [] }, 'events: expected at least one of perf\'s events, got "none"'],
    [{ intervalMs: 5 }, "intervalMs: expected a whole number of at least 10, got 5"],
  ])("%j", async (options, sentence) => {
    await expect(capturePerf({ program: "true", args: [], out, ...options })).rejects.toThrow(sentence);
  });

  it("where perf is not there", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = folder.path(".");
    try {
      await expect(capturePerf({ program: "true", args: [], out })).rejects.toThrow(
        'perf: expected the program perf on the path (Debian: apt-get install linux-perf), got "none"',
      );
    } finally {
      process.env["PATH"] = path;
    }
  });
});

describe.skipIf(!tool("perf", ["--version"], "linux-perf"))("perf", () => {
  it("counts a program's events by intervals", async () => {
    const provenance = await capturePerf({
      program: "sleep",
      args: ["0.35"],
      out,
      events: ["page-faults", "context-switches"],
    });
    const table = await open(out, { schema: { timeNs: "float64", event: "utf8", value: "float64" } });
    const times = [...(table.getChild("timeNs")! as Iterable<number>)];
    const events = [...(table.getChild("event")! as Iterable<string>)];
    const faults = [...table.getChild("value")!].filter((_, row) => events[row] === "page-faults") as number[];
    // Three whole intervals of 100 ms and the rest; an interval may be late, and never early.
    expect(faults.length).toBeGreaterThanOrEqual(2);
    expect(faults.length).toBeLessThanOrEqual(4);
    // The program's start alone maps its file, the loader and the C library: each first touch is a fault.
    expect(faults[0]).toBeGreaterThan(10);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(100e6);
    expect(provenance).toMatchObject({ command: "sleep 0.35", program: "sleep" });
  });

  it("refuses what it cannot count, by the event's name, and leaves no file", async () => {
    const none = folder.path("none.arrow");
    const capture = (event: string, program = "true") =>
      capturePerf({ program, args: [], out: none, events: ["page-faults", event] });
    await expect(capture("no-such-event")).rejects.toThrow(
      /^events: expected events that this machine counts; "no-such-event" is none, got "[^\n]+"$/,
    );
    await expect(capture("")).rejects.toThrow(/^events: expected events that this machine counts; "" is none, got/);
    await expect(capture("cpu-clock", "/no/such/program")).rejects.toThrow(
      'program: expected program to be counted to its end, got "status 255"',
    );
    expect(existsSync(none)).toBe(false);
  });
});
