import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type * as arrow from "apache-arrow";
import { OptionError } from "../../errors.ts";
import { writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { packageRoot } from "../../package-root.ts";
import { output } from "../output.ts";
import { emulatorName, pluginRecords, shown } from "../threads/plugin-run.ts";
import { checkTraceFile } from "../trace-file.ts";
import { ExecutionRecords, type LockFunctions } from "./execution-records.ts";

/** A capture of an execution. */
export interface ExecutionOptions {
  /** A program of {@link buildKernels}, or another one that is linked statically with `locks.c` as that is. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** The execution's file, `.arrow` or `.arrow.gz`. */
  readonly out: string;
  /** The most blocks and accesses, 10 million when not given; a program that has more is refused. */
  readonly limit?: number;
}

/**
 * Compiles `kernels.c` to a program that is linked statically at a fixed address and has symbols but no debug information: four kernels with
 * threads and mutexes, run as `kernels NAME THREADS OPERATIONS SEED`. OptionError where the compiler is missing.
 *
 * @example
 * ```ts
 * import { buildKernels } from "veelab/datasets";
 * // Needs a C compiler: call it where one is installed.
 * export const build = () => buildKernels("kernels");
 * ```
 */
export async function buildKernels(into: string): Promise<void> {
  const folder = join(packageRoot(), "datasets/capture/executions");
  // A call stays a call, by which a lock is found; and instructions are those that any x86-64 has.
  const code = ["-O1", "-fno-optimize-sibling-calls", "-fcf-protection=none", "-march=x86-64"];
  const link = ["-static", "-no-pie", "-pthread", "-Wl,--build-id=sha1", "-Wl,--strip-debug"];
  const wrap = "-Wl,--wrap=pthread_mutex_lock,--wrap=pthread_mutex_unlock";
  const sources = ["kernels.c", "locks.c"].map((name) => join(folder, name));
  await output("cc", [...code, ...link, wrap, "-o", into, ...sources], "gcc libc6-dev");
}

/** Where a program has the functions of `locks.c`. */
async function lockFunctions(program: string): Promise<LockFunctions> {
  const lines = (await output("nm", ["-S", program], "binutils")).split("\n").map((line) => line.split(" "));
  const numbers = (name: string): number[] => {
    const line = lines.find((words) => words.at(-1) === name);
    if (line === undefined)
      throw new OptionError(
        "program",
        `a program that is linked with locks.c, which has the symbol ${name}`,
        shown(program),
      );
    return line.slice(0, -2).map((word) => Number.parseInt(word, 16));
  };
  const [start, size] = numbers("__wrap_pthread_mutex_lock") as [number, number];
  const [taken] = numbers("lock_taken") as [number];
  const [unlock] = numbers("__wrap_pthread_mutex_unlock") as [number];
  return { lock: [start, start + size], taken, unlock };
}

/**
 * Runs a program in QEMU's user-mode translator and writes its execution: `thread`, `event` (0 block, 1 read, 2 write, 3 lock, 4
 * unlock), `pc`, `address`, `size`, from its first instruction to its last, as `veelab/hybrid-rewriting` takes it. Threads run at once, so two captures
 * differ in their order. What the kernel reads and writes for the program is not seen; an atomic instruction is a write.
 *
 * Throws OptionError where QEMU's user-mode emulation, nm or a C compiler is missing, the program is none for x86-64 or fails.
 *
 * @example
 * ```ts
 * import { captureExecution } from "veelab/datasets";
 * // Needs qemu-user and a C compiler: call it where these are installed.
 * export const capture = (kernels: string) =>
 *   captureExecution({ program: kernels, args: ["transfers", "2", "100", "1"], out: "transfers.arrow.gz" });
 * ```
 */
export async function captureExecution(options: ExecutionOptions): Promise<Provenance> {
  const { program, args, out, limit = 10_000_000 } = options;
  checkTraceFile(out);
  const records = new ExecutionRecords(await lockFunctions(program));
  const scratch = await mkdtemp(join(tmpdir(), "veelab-execution-"));
  try {
    const batches = async function* (): AsyncGenerator<arrow.RecordBatch, void> {
      const run = {
        ...{ program, args, limit, scratch, added: {}, environment: { PATH: "/usr/bin:/bin", LC_ALL: "C" } },
        ...{ folder: undefined, signal: undefined, progress: undefined, programOutput: "ignore" as const },
        limited: () => {
          throw new OptionError("limit", `${shown(program)} to end within ${limit} blocks and accesses`, "more");
        },
      };
      for await (const bytes of pluginRecords(run)) yield* records.add(bytes);
      yield* records.end();
    };
    await writeArrow(out, batches());
    return {
      command: [program, ...args].map(shown).join(" "),
      program: basename(program),
      tool: await emulatorName(),
      ...Object.fromEntries(Object.entries(records.totals()).map(([name, total]) => [name, String(total)])),
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
