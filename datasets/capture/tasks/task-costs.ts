import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { OptionError } from "../../errors.ts";
import { traceRows } from "../../formats/rows.ts";
import { packageRoot } from "../../package-root.ts";
import { formatKey, kindKey } from "../../read-trace.ts";
import { writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { checkTraceFile } from "../trace-file.ts";

/** What {@link captureTasks} measures. */
export interface CaptureTasksOptions {
  /** The dataset's file, `.arrow` or `.arrow.gz`. */
  readonly out: string;
  /** The C compiler. `cc` when not given. */
  readonly compiler?: string;
}

const layout = {
  task: "words",
  device: "words",
  sizeBytes: "float64",
  meanSeconds: "float64",
  deviationSeconds: "float64",
  runs: "uint32",
} as const;

/** One processor as three devices: what a runtime may choose between for each task. */
const devices = [
  { name: "core", flags: ["-O2", "-fno-tree-vectorize"] },
  { name: "core, SIMD", flags: ["-O3", "-march=native", "-ffast-math"] },
  { name: "all cores, SIMD", flags: ["-O3", "-march=native", "-ffast-math", `-DTHREADS=${cpus().length}`] },
];

/**
 * Measures what five tasks (triad, stencil, gemm, mandelbrot, cipher) cost on this machine's processor by size of the
 * data, as three devices: one core with scalar code, one with SIMD, all cores with SIMD, where starting the threads is part of
 * the cost. Columns of `kindColumns.tasks`, and the deviation and the number of runs. Takes about 12 s, with nothing else running.
 *
 * Throws OptionError when there is no C compiler (Debian: gcc and libc6-dev).
 *
 * @example
 * ```ts
 * import { captureTasks } from "veelab/datasets";
 *
 * // Needs a C compiler: call it where there is one.
 * export const measured = () => captureTasks({ out: "tasks.arrow" });
 * ```
 */
export async function captureTasks({ out, compiler = "cc" }: CaptureTasksOptions): Promise<Provenance> {
  checkTraceFile(out);
  const source = join(packageRoot(), "datasets/capture/tasks/tasks.c");
  const scratch = await mkdtemp(join(tmpdir(), "veelab-tasks-"));
  const run = (command: string, args: readonly string[]): string => {
    const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
    if (error !== undefined || status !== 0)
      throw new OptionError("compiler", "a C compiler that works (Debian: gcc, libc6-dev)", stderr || command);
    return stdout;
  };
  try {
    const rows = traceRows(layout, 4096);
    for (const { name, flags } of devices) {
      const program = join(scratch, "tasks");
      run(compiler, [...flags, source, "-o", program, "-lm", "-pthread"]);
      for (const line of run(program, []).trim().split("\n")) {
        const [task, bytes, runs, mean, deviation] = line.split("\t");
        const { columns, count } = rows;
        columns.task.setText(count, task!);
        columns.device.setText(count, name);
        columns.sizeBytes[count] = Number(bytes);
        columns.meanSeconds[count] = Number(mean);
        columns.deviationSeconds[count] = Number(deviation);
        columns.runs[count] = Number(runs);
        rows.count += 1;
      }
    }
    const provenance = {
      tool: "veelab capture tasks",
      compiler: run(compiler, ["--version"]).split("\n")[0]!,
      processor: await processorName(),
      cores: String(cpus().length),
      devices: devices.map(({ name, flags }) => `${name}: ${flags.join(" ")}`).join("; "),
    };
    rows.metadata.set(formatKey, "veelab-tasks").set(kindKey, "tasks");
    await writeArrow(out, [rows.take()], { metadata: provenance });
    return provenance;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function processorName(): Promise<string> {
  const text = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  return /^model name\s*: (.*)$/m.exec(text)?.[1] ?? cpus()[0]?.model ?? "unknown";
}
