import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import { OptionError, show } from "../../errors.ts";
import { traceRows } from "../../formats/rows.ts";
import { writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { checkTraceFile } from "../trace-file.ts";

/** A program whose events are counted. */
export interface PerfOptions {
  /** The program, by path or by a name on the search path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** The trace's file, `.arrow` or `.arrow.gz`. */
  readonly out: string;
  /** perf's names of events; instructions and cycles when not given. */
  readonly events?: readonly string[];
  /** The length of an interval in milliseconds, at least 10; 100 when not given. */
  readonly intervalMs?: number;
  /** The program's working folder; ours when not given. */
  readonly folder?: string;
  /** Ends the program; the capture then rejects and leaves no file. */
  readonly signal?: AbortSignal;
}

const layout = { timeNs: "float64", event: "words", value: "float64" } as const;

/**
 * Runs a program under `perf stat -I` and writes a row for each event and interval: `timeNs` at the interval's end,
 * `event`, and `value`, its increment. Gives the provenance.
 *
 * Throws OptionError when perf is missing, when this machine cannot count an event (in most virtual machines: those of
 * the processor, so ask for events such as page-faults there), and when the program cannot be started. Whether it succeeded, perf stat
 * does not say with intervals.
 *
 * @example
 * ```ts
 * import { capturePerf } from "veelab/datasets";
 *
 * // Needs perf: call it where that is installed.
 * export const countFaults = () =>
 *   capturePerf({ program: "ls", args: ["-lR", "/usr/share"], out: "ls.arrow.gz", events: ["page-faults"] });
 * ```
 */
export async function capturePerf(options: PerfOptions): Promise<Provenance> {
  const { program, args, out, events = ["instructions", "cycles"], intervalMs = 100, signal } = options;
  if (!(Number.isSafeInteger(intervalMs) && intervalMs >= 10))
    throw new OptionError("intervalMs", "a whole number of at least 10", intervalMs);
  checkTraceFile(out);
  if (events.length === 0) throw new OptionError("events", "at least one of perf's events", "none");
  const version = checkEvents(events);
  const scratch = await mkdtemp(join(tmpdir(), "veelab-perf-"));
  try {
    const log = join(scratch, "log");
    const child = spawn(
      "perf",
      ["stat", "-x", ";", "-I", String(intervalMs), "-o", log, "-e", events.join(","), "--", program, ...args],
      {
        stdio: "inherit",
        ...(options.folder === undefined ? {} : { cwd: options.folder }),
        ...(signal === undefined ? {} : { signal }),
      },
    );
    const [code, by] = (await once(child, "exit")) as [number | null, string | null];
    if (code !== 0)
      throw new OptionError("program", `${basename(program)} to be counted to its end`, by ?? `status ${String(code)}`);
    const lines = (await readFile(log, "utf8")).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const rows = traceRows(layout, Math.max(lines.length, 1));
    rows.metadata.set("veelab.format", "perf-stat").set("veelab.kind", "counters");
    for (const line of lines) {
      const [time, value, , event] = line.split(";");
      // An event that was not counted in an interval has no number there.
      if (!/^[\d.]+$/.test(value!)) continue;
      rows.columns.timeNs[rows.count] = Math.round(Number(time) * 1e9);
      rows.columns.event.setText(rows.count, event!);
      rows.columns.value[rows.count] = Number(value);
      rows.count += 1;
    }
    const provenance = {
      command: [program, ...args].map((word) => (isAbsolute(word) ? basename(word) : word)).join(" "),
      program: basename(program),
      tool: `${version}, perf stat -I ${intervalMs} -e ${events.join(",")}`,
    };
    await writeArrow(out, [rows.take()], { metadata: provenance });
    return provenance;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Counts each event of a program that does nothing; gives perf's version. */
function checkEvents(events: readonly string[]): string {
  const version = spawnSync("perf", ["--version"], { encoding: "utf8" });
  if (version.error !== undefined || version.status !== 0)
    throw new OptionError("perf", "the program perf on the path (Debian: apt-get install linux-perf)", "none");
  for (const event of events) {
    const { status, stderr } = spawnSync("perf", ["stat", "-x", ";", "-e", event, "true"], { encoding: "utf8" });
    const lines = stderr.split("\n").map((line) => line.trim());
    const [value] = lines.find((line) => line !== "" && line !== "Error:")?.split(";") ?? [];
    if (status !== 0 || value === undefined || !/^[\d.]+$/.test(value))
      throw new OptionError("events", `events that this machine counts; ${show(event)} is none`, value ?? "nothing");
  }
  return version.stdout.trim();
}
