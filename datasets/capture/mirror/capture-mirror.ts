import { spawnSync } from "node:child_process";
import { OptionError } from "../../errors.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes } from "../../formats/layout.ts";
import { traceRows } from "../../formats/rows.ts";
import { stream } from "../../open.ts";
import { formatKey, kindKey } from "../../read-trace.ts";
import { writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { mirrorRun } from "./mirror-run.ts";
import type { DiskWrite } from "./replay.ts";
import { checkTraceFile } from "../trace-file.ts";

/** A copy of a disk under a trace's writes. */
export interface MirrorOptions {
  /** The block trace whose writes are replayed: a dataset's name or a file. */
  readonly trace: string;
  /** The file of what was replayed, `.arrow` or `.arrow.gz`. */
  readonly out: string;
  /** Size of the disk, MiB; 160 when not given. */
  readonly diskMegabytes?: number;
  /** What the target takes, MiB/s; 8 when not given. */
  readonly megabytesPerS?: number;
  /** Is told what is being done. */
  readonly progress?: (step: string) => void;
  /** Ends the copy; the capture then rejects and leaves no file. */
  readonly signal?: AbortSignal;
}

const MIB = 2 ** 20;
const layout = {
  timeNs: "float64",
  op: codes(blockOperations),
  offsetBytes: "float64",
  sizeBytes: "float64",
  durationNs: "float64",
} as const;

/**
 * Lets QEMU copy a disk (`blockdev-mirror`, background, one block of 1 MiB at a time, over NBD to a target that takes so many bytes a
 * second) while a block trace's writes are replayed to it: a real live storage migration to hold a simulator against. The rows are the writes that were done
 * until nothing was dirty, at the times at which they happened since the copy's start; the provenance has QEMU's own count of the bytes that it copied
 * (`sentBytes`) and the time until nothing was dirty (`readyNs`). Both disks are compared afterwards. No guest runs. Takes as long as the copy.
 *
 * Throws OptionError for an option out of range, for a write beyond the disk, and where QEMU is missing or fails.
 *
 * @example
 * ```ts
 * import { captureMirror } from "veelab/datasets";
 *
 * // Needs QEMU: call it where that is installed.
 * export const copied = () => captureMirror({ trace: "guest/blkio-sqlite", out: "copied.arrow.gz" });
 * ```
 */
export async function captureMirror(options: MirrorOptions): Promise<Provenance> {
  const { trace, out, diskMegabytes = 160, megabytesPerS = 8, progress, signal } = options;
  checkTraceFile(out);
  if (!(Number.isSafeInteger(diskMegabytes) && diskMegabytes >= 1 && diskMegabytes <= 65_536))
    throw new OptionError("diskMegabytes", "a whole number from 1 to 65536", diskMegabytes);
  if (!(megabytesPerS > 0 && megabytesPerS <= 1e5))
    throw new OptionError("megabytesPerS", "a number above 0, at most 100000", megabytesPerS);
  versionOf("qemu-io", "qemu-utils");
  const tool = versionOf("qemu-storage-daemon", "qemu-system-common");
  const diskBytes = diskMegabytes * MIB;
  const writes = await writesOf(trace, diskBytes);
  progress?.(`copying ${diskMegabytes} MiB at ${megabytesPerS} MiB/s under up to ${writes.length} writes`);
  const bytesPerS = Math.round(megabytesPerS * MIB);
  const run = await mirrorRun(writes, { diskBytes, bytesPerS, ...(signal === undefined ? {} : { signal }) });
  const rows = traceRows(layout, Math.max(1, run.writes.length));
  for (const { timeNs, offsetBytes, sizeBytes, durationNs } of run.writes) {
    const { columns, count } = rows;
    columns.timeNs[count] = timeNs;
    columns.op[count] = blockOperations.indexOf("write");
    columns.offsetBytes[count] = offsetBytes;
    columns.sizeBytes[count] = sizeBytes;
    columns.durationNs[count] = durationNs;
    rows.count += 1;
  }
  rows.metadata.set(formatKey, "blockdev-mirror").set(kindKey, "block");
  const provenance = {
    command: `veelab capture mirror --trace ${trace} --disk ${diskMegabytes} --rate ${megabytesPerS}`,
    tool,
    trace,
    diskBytes: String(diskBytes),
    bytesPerS: String(bytesPerS),
    blockBytes: String(MIB),
    sentBytes: String(run.sentBytes),
    readyNs: String(run.readyNs),
    writes: String(run.writes.length),
    latestNs: String(run.latestNs),
  };
  await writeArrow(out, [rows.take()], { metadata: provenance });
  return provenance;
}

async function writesOf(trace: string, diskBytes: number): Promise<DiskWrite[]> {
  const writes: DiskWrite[] = [];
  for await (const batch of stream(trace))
    for (const row of batch) {
      const { timeNs, op, offsetBytes, sizeBytes } = row.toJSON() as Record<string, unknown>;
      if (op !== "write") continue;
      const write = { timeNs: Number(timeNs), offsetBytes: Number(offsetBytes), sizeBytes: Number(sizeBytes) };
      const { offsetBytes: from, sizeBytes: size } = write;
      if (!(from >= 0 && size > 0 && from + size <= diskBytes))
        throw new OptionError(
          "diskMegabytes",
          `a disk that has the trace's write of ${size} bytes at ${from}`,
          diskBytes / MIB,
        );
      writes.push(write);
    }
  return writes;
}

function versionOf(program: string, debianPackage: string): string {
  const { stdout, error, status } = spawnSync(program, ["--version"], { encoding: "utf8" });
  if (error !== undefined || status !== 0)
    throw new OptionError(program, `the program ${program} on the path (Debian: ${debianPackage})`, "none");
  return stdout.split("\n")[0]!;
}
