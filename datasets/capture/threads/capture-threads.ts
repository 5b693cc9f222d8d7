import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { basename, isAbsolute, join, resolve } from "node:path";
import type * as arrow from "apache-arrow";
import { OptionError } from "../../errors.ts";
import { stream } from "../../open.ts";
import { writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { compileC } from "../compile.ts";
import { makeFifo, readFifo } from "../fifo.ts";
import { output } from "../output.ts";
import { ThreadRecords } from "./thread-records.ts";
import { checkTraceFile } from "../trace-file.ts";

/** A capture of a program's threads. */
export interface ThreadsOptions {
  /** The program, by path or by a name on the search path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** The trace's file, `.arrow` or `.arrow.gz`. */
  readonly out: string;
  /** Stop after this many blocks of instructions, accesses and events; 100 million when not given. */
  readonly limit?: number;
  /** What the trace's provenance says of the program's version. */
  readonly programVersion?: string;
  /** The program's environment; ours when not given. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The program's working folder; ours when not given. */
  readonly folder?: string;
  /** Where the program's own output goes; to ours when not given. */
  readonly programOutput?: "inherit" | "ignore";
  /** Is called with the number of records after each batch. */
  readonly progress?: (records: number) => void;
  /** Ends the program; the capture then rejects and leaves no file. */
  readonly signal?: AbortSignal;
}

const emulator = "qemu-x86_64";
const shared = ["-fPIC", "-shared", "-fvisibility=hidden"];

/** A command line without the folders of the machine on which it ran. */
const shown = (word: string): string => (isAbsolute(word) && !word.startsWith("/dev/") ? basename(word) : word);

/** The program's file: QEMU does not look on the search path. */
function fileOf(program: string): string {
  const folders = program.includes("/") ? [""] : (process.env["PATH"] ?? "").split(":");
  for (const folder of folders) {
    const path = folder === "" ? resolve(program) : join(folder, program);
    try {
      accessSync(path, constants.X_OK);
    } catch {
      continue;
    }
    if (!statSync(path).isFile()) continue;
    // ELF of 64 bits for x86-64.
    const head = readFileSync(path).subarray(0, 20);
    if (head.toString("latin1", 0, 5) === "\x7fELF\x02" && head[18] === 62) return path;
    throw new OptionError("program", "a program for x86-64 (ELF), not a script", shown(program));
  }
  throw new OptionError("program", "a program that can be run", shown(program));
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
  const version = (await output(emulator, ["--version"], "qemu-user")).split("\n")[0]!.replace(/ \(.*/, "");
  const file = fileOf(program);
  const scratch = await mkdtemp(join(tmpdir(), "veelab-threads-"));
  const raw = `${out}.${process.pid}.raw.arrow`;
  try {
    const [plugin, marks] = [join(scratch, "plugin.so"), join(scratch, "marks.so")];
    await Promise.all([compileC("threads/plugin.c", plugin, shared), compileC("threads/marks.c", marks, shared)]);
    const [pipe, modules] = [join(scratch, "records"), join(scratch, "modules")];
    makeFifo(pipe);
    const own = ["-E", `LD_PRELOAD=${marks}`, "-E", `VEELAB_MODULES=${modules}`, "-0", program];
    const child = spawn(emulator, [...own, "-plugin", `${plugin},pipe=${pipe},limit=${limit}`, file, ...args], {
      stdio: ["inherit", options.programOutput ?? "inherit", options.programOutput ?? "inherit"],
      env: environment,
      ...(options.folder === undefined ? {} : { cwd: options.folder }),
      ...(signal === undefined ? {} : { signal }),
    });
    const exit = once(child, "exit") as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
    // A failure to start or an abort ends the reading below; it is reported where the exit is awaited.
    let ended = false;
    exit.then(
      () => (ended = true),
      () => (ended = true),
    );
    const records = new ThreadRecords();
    let taken = 0;
    const batches = async function* (): AsyncGenerator<arrow.RecordBatch, void> {
      for await (const bytes of readFifo(pipe, () => ended, 1 << 20)) {
        yield* records.add(bytes);
        taken += bytes.length;
        options.progress?.(Math.floor(taken / 16));
        if (taken >= 16 * limit) break;
      }
      yield* records.end();
    };
    try {
      // The totals are known at the end, and an Arrow file begins with its metadata: hence two passes.
      await writeArrow(raw, batches());
      const limited = taken >= 16 * limit && !ended;
      if (limited) child.kill("SIGKILL");
      const [status, killed] = await exit;
      if (!limited && status !== 0)
        throw new OptionError("program", `${shown(program)} to end with status 0`, killed ?? `status ${status}`);
      const totals = records.totals();
      const code = modulesOf(modules, program);
      const provenance: Record<string, string> = {
        command: [program, ...args].map(shown).join(" "),
        program: basename(program),
        ...(options.programVersion === undefined ? {} : { programVersion: options.programVersion }),
        tool: `${version}, user mode, on ${availableParallelism()} processors`,
        reduction:
          "all references of threads that hold a lock; of the others the first read and the first write of each 8-byte word, the rest counted",
        ...Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, String(total)])),
        ...(code === undefined ? {} : { modules: code }),
        ...(limited ? { limit: String(limit) } : {}),
      };
      await writeArrow(out, stream(raw), { metadata: provenance });
      return provenance;
    } finally {
      child.kill("SIGKILL");
      // What it wrote is gone with the folder, so it must have ended before.
      await exit.catch(() => undefined);
    }
  } finally {
    await rm(raw, { force: true });
    await rm(scratch, { recursive: true, force: true });
  }
}
