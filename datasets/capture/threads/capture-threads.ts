import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type * as arrow from "apache-arrow";
import { OptionError } from "../../errors.ts";
import { stream } from "../../open.ts";
import { writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { compileC } from "../compile.ts";
import { emulatorName, pluginRecords, sharedObject, shown } from "./plugin-run.ts";
import { ThreadRecords } from "./thread-records.ts";
import type { ProgramOptions } from "../program-options.ts";
import { checkTraceFile } from "../trace-file.ts";

/** A capture of a program's threads. */
export interface ThreadsOptions extends ProgramOptions {
  /** Stop after this many blocks of instructions, accesses and events; 100 million when not given. */
  readonly limit?: number;
  /** Is called with the number of records after each batch. */
  readonly progress?: (records: number) => void;
}

/** The program's files of code as marks.c wrote them, without folders: `pigz 4000001000-4000012000`. */
function modulesOf(path: string, program: string): string | undefined {
  if (!existsSync(path)) return undefined;
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([range, name]) => range !== "" && name !== undefined && !name.endsWith("/marks.so"))
    .map(([range, name]) => `${name === "" ? basename(program) : basename(name!)} ${range!}`)
    .join(", ");
}

/**
 * Runs a program with several threads in QEMU's user-mode translator and writes who did what in which order: a row is a block of
 * instructions (fetch), a read or a write with its instruction (`pc`) and thread, or a thread's lock, unlock, create or join.
 * While a thread holds no lock, only its first read and first write of each 8-byte word have rows of their own; the rest is
 * counted, in rows without an address. `stack` says that the instruction can only refer to the stack by its
 * operand, relative to rsp. About 2 million instructions a second.
 *
 * Threads run at once, on this machine's processors, so two captures are not equal; their accesses stand in the order of their
 * records, which is that of the lock where both hold the same one. Locks are pthread's mutexes, read-write locks, spin locks and
 * conditions, in programs that are linked dynamically; not those that a program builds of atomic instructions, and not the C library's own.
 * What the kernel reads and writes for the program is not seen. Processes that the program starts are not followed.
 *
 * Throws OptionError where QEMU's user-mode emulation or a C compiler is missing, the program is none for x86-64, or it fails.
 *
 * @example
 * ```ts
 * import { captureThreads } from "veelab/datasets";
 *
 * // Needs qemu-user and a C compiler: call it where these are installed.
 * export const captureSort = (file: string) =>
 *   captureThreads({ program: "sort", args: ["--parallel=4", file], out: "sort.arrow.gz", programOutput: "ignore" });
 * ```
 */
export async function captureThreads(options: ThreadsOptions): Promise<Provenance> {
  const { program, args, out, limit = 100_000_000, signal, environment = process.env } = options;
  if (!(Number.isSafeInteger(limit) && limit > 0)) throw new OptionError("limit", "a whole number > 0", limit);
  checkTraceFile(out);
  const tool = await emulatorName();
  const scratch = await mkdtemp(join(tmpdir(), "veelab-threads-"));
  const raw = `${out}.${process.pid}.raw.arrow`;
  try {
    const [marks, modules] = [join(scratch, "marks.so"), join(scratch, "modules")];
    await compileC("threads/marks.c", marks, sharedObject);
    const state = { limited: false };
    const records = new ThreadRecords();
    const batches = async function* (): AsyncGenerator<arrow.RecordBatch, void> {
      const run = {
        ...{ program, args, limit, scratch, environment, signal, folder: options.folder, progress: options.progress },
        added: { LD_PRELOAD: marks, VEELAB_MODULES: modules },
        programOutput: options.programOutput ?? "inherit",
        limited: () => (state.limited = true),
      };
      for await (const bytes of pluginRecords(run)) yield* records.add(bytes);
      yield* records.end();
    };
    // The totals are known at the end, and an Arrow file begins with its metadata: hence two passes.
    await writeArrow(raw, batches());
    const totals = records.totals();
    const code = modulesOf(modules, program);
    const provenance: Record<string, string> = {
      command: [program, ...args].map(shown).join(" "),
      program: basename(program),
      ...(options.programVersion === undefined ? {} : { programVersion: options.programVersion }),
      tool,
      reduction:
        "all references of threads that hold a lock; of the others the first read and the first write of each 8-byte word, the rest counted",
      ...Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, String(total)])),
      ...(code === undefined ? {} : { modules: code }),
      ...(state.limited ? { limit: String(limit) } : {}),
    };
    await writeArrow(out, stream(raw), { metadata: provenance });
    return provenance;
  } finally {
    await rm(raw, { force: true });
    await rm(scratch, { recursive: true, force: true });
  }
}
