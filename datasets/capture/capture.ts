import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import { OptionError } from "../errors.ts";
import { stream } from "../open.ts";
import { writeArrow } from "../write/arrow.ts";
import { makeFifo, readFifo } from "./fifo.ts";
import { lackeyPages, type LackeyTotals } from "./lackey-text.ts";
import type { ProgramOptions } from "./program-options.ts";
import { checkTraceFile } from "./trace-file.ts";

/** A capture: which program, and where the trace goes. */
export interface CaptureOptions extends ProgramOptions {
  /** Stop after this many references. */
  readonly limit?: number;
  /** Is called with the totals after each batch, and at the end with `done`. */
  readonly progress?: (totals: LackeyTotals, done: boolean) => void;
}

/** What a trace says of its origin, in the Arrow schema's metadata and in the catalogue. */
export type Provenance = Readonly<Record<string, string>>;

/** A command line without the folders of the machine on which it ran. */
const shown = (word: string): string => (isAbsolute(word) && !word.startsWith("/dev/") ? basename(word) : word);

function valgrindVersion(): string {
  const { stdout, error, status } = spawnSync("valgrind", ["--version"], { encoding: "utf8" });
  if (error !== undefined || status !== 0)
    throw new OptionError("valgrind", "the program valgrind on the path (Debian: apt-get install valgrind)", "none");
  return stdout.trim();
}

/**
 * Runs a program under valgrind's lackey and writes its references to pages as a memory trace, with its provenance in the
 * schema's metadata. About 1 million references a second, which is lackey's own pace; memory is bounded. The file appears only when the
 * program has ended well (or the limit was reached).
 *
 * Throws OptionError when valgrind is missing or the program fails, TraceFormatError when lackey's output is not understood.
 *
 * @example
 * ```ts
 * import { captureLackey } from "veelab/datasets";
 *
 * // Needs valgrind: call it where that is installed.
 * export const captureTrue = () =>
 *   captureLackey({ program: "/bin/true", args: [], out: "true.arrow.gz", limit: 1_000_000, programOutput: "ignore" });
 * ```
 */
export async function captureLackey(options: CaptureOptions): Promise<Provenance> {
  const { program, args, out, limit } = options;
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0))
    throw new OptionError("limit", "a whole number > 0", limit);
  checkTraceFile(out);
  const version = valgrindVersion();
  const scratch = await mkdtemp(join(tmpdir(), "veelab-lackey-"));
  const log = join(scratch, "log");
  makeFifo(log);
  const child = spawn("valgrind", ["--tool=lackey", "--trace-mem=yes", `--log-file=${log}`, program, ...args], {
    stdio: ["inherit", options.programOutput ?? "inherit", options.programOutput ?? "inherit"],
    ...(options.environment === undefined ? {} : { env: options.environment }),
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const exit = once(child, "exit") as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  // A failure to start or an abort ends the reading below; it is reported where the exit is awaited.
  let ended = false;
  exit.then(
    () => (ended = true),
    () => (ended = true),
  );
  let totals: LackeyTotals | undefined;
  const batches = lackeyPages(
    readFifo(log, () => ended),
    {
      name: `lackey, ${shown(program)}`,
      ...(limit === undefined ? {} : { limit }),
      progress: (so, done) => {
        totals = so;
        options.progress?.(so, done);
      },
    },
  );
  // The totals are known at the end, and an Arrow file begins with its metadata: hence two passes.
  const raw = `${out}.${process.pid}.raw.arrow`;
  try {
    await writeArrow(raw, batches);
    const limited = limit !== undefined && totals!.references.reduce((sum, kind) => sum + kind, 0) >= limit;
    if (limited) child.kill();
    const [code, signal] = await exit;
    if (!limited && code !== 0)
      throw new OptionError("program", `${shown(program)} to end with status 0`, signal ?? `status ${code}`);
    const [instructionFetches, reads, writes] = totals!.references;
    const provenance = {
      command: [program, ...args].map(shown).join(" "),
      program: basename(program),
      ...(options.programVersion === undefined ? {} : { programVersion: options.programVersion }),
      tool: `${version}, lackey --trace-mem=yes`,
      reduction: "runs of references to 4 KiB pages, visits of the instruction stream and of the data stream",
      references: String(instructionFetches + reads + writes),
      instructionFetches: String(instructionFetches),
      reads: String(reads),
      writes: String(writes),
      instructions: String(totals!.instructions),
      runs: String(totals!.runs),
      pages: String(totals!.pages),
      ...(limited ? { limit: String(limit) } : {}),
    };
    await writeArrow(out, stream(raw), { metadata: provenance });
    return provenance;
  } finally {
    child.kill();
    await rm(raw, { force: true });
    await rm(scratch, { recursive: true, force: true });
  }
}
