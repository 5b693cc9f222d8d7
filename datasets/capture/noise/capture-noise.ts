import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { OptionError } from "../../errors.ts";
import { traceRows } from "../../formats/rows.ts";
import { writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { compileC } from "../compile.ts";
import { checkTraceFile } from "../trace-file.ts";

/** A measurement of noise. */
export interface NoiseOptions {
  /** The trace's file, `.arrow` or `.arrow.gz`. */
  readonly out: string;
  /** How long to measure; 10 when not given, at most 600. */
  readonly seconds?: number;
  /** Two readings of the clock so far apart are an interruption; 1000 when not given. */
  readonly thresholdNs?: number;
  /** The processor that is measured, from 0; 0 when not given. */
  readonly processor?: number;
  /** Ends the measurement; it then rejects and leaves no file. */
  readonly signal?: AbortSignal;
}

const layout = { startNs: "float64", durationNs: "float64" } as const;

/** The program allots room for so many interruptions, and ends when it is full. */
const mostBytes = 16 * ((4 << 20) + 1);

/**
 * Measures the noise of this machine's operating system: a C program reads the clock in a loop on one processor, and
 * each interval longer than the threshold in which it did not run is a row (`startNs` since the beginning,
 * `durationNs`), as the selfish-detour benchmark of P. Beckman et al., "The influence of operating systems on the
 * performance of collective operations at extreme scale", CLUSTER 2006. Needs Linux and a C compiler. Gives the
 * provenance, which says how much time was taken away.
 *
 * Throws OptionError for an option out of range, for a processor that is not there and where there is no compiler.
 *
 * @example
 * ```ts
 * import { captureNoise } from "veelab/datasets";
 *
 * // Needs a C compiler: call it where that is installed.
 * export const measure = () => captureNoise({ out: "noise.arrow.gz", seconds: 2 });
 * ```
 */
export async function captureNoise(options: NoiseOptions): Promise<Provenance> {
  const { out, seconds = 10, thresholdNs = 1000, processor = 0, signal } = options;
  if (!(seconds > 0 && seconds <= 600)) throw new OptionError("seconds", "a number above 0, at most 600", seconds);
  if (!(Number.isSafeInteger(thresholdNs) && thresholdNs >= 100))
    throw new OptionError("thresholdNs", "a whole number of at least 100", thresholdNs);
  if (!(Number.isSafeInteger(processor) && processor >= 0 && processor < 1024))
    throw new OptionError("processor", "a whole number from 0 to 1023", processor);
  checkTraceFile(out);
  const scratch = await mkdtemp(join(tmpdir(), "veelab-noise-"));
  try {
    const program = join(scratch, "detours");
    await compileC("noise/detours.c", program, []);
    const { stdout } = await promisify(execFile)(program, [String(seconds), String(thresholdNs), String(processor)], {
      encoding: "buffer",
      maxBuffer: mostBytes,
      ...(signal === undefined ? {} : { signal }),
    }).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== 3) throw error;
      throw new OptionError("processor", `one of this machine's ${availableParallelism()} processors`, processor);
    });
    const pairs = new Float64Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
    const found = pairs.length / 2 - 1;
    const rows = traceRows(layout, Math.max(found, 1));
    rows.metadata.set("veelab.format", "detours").set("veelab.kind", "noise");
    let taken = 0;
    for (; rows.count < found; rows.count += 1) {
      rows.columns.startNs[rows.count] = pairs[2 * rows.count + 2]!;
      rows.columns.durationNs[rows.count] = pairs[2 * rows.count + 3]!;
      taken += pairs[2 * rows.count + 3]!;
    }
    const provenance = {
      command: `veelab capture noise --seconds ${seconds} --threshold ${thresholdNs} --processor ${processor}`,
      tool: "a loop that reads CLOCK_MONOTONIC (datasets/capture/noise/detours.c)",
      measuredNs: String(pairs[1]!),
      readingNs: pairs[0]!.toFixed(1),
      thresholdNs: String(thresholdNs),
      takenNs: String(taken),
      interruptions: String(found),
    };
    await writeArrow(out, [rows.take()], { metadata: provenance });
    return provenance;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
