import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OptionError } from "../../errors.ts";
import { traceRows } from "../../formats/rows.ts";
import { writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { compileC } from "../compile.ts";
import { qemuVersion } from "../guest/capture-guest.ts";
import { type ArchiveEntry, cpio, folderMode, linkMode, programMode } from "../guest/cpio.ts";
import type { GuestImage } from "../guest/image.ts";
import { initScript } from "../guest/init-script.ts";
import { type Machine, withMachine } from "../guest/machine.ts";
import { cloudKernel, kernelOf, unpack } from "../guest/packages.ts";
import { output } from "../output.ts";
import { checkTraceFile } from "../trace-file.ts";
import { runName, swappedName, type SwapRun, swapRuns, swapWorkload } from "./swap-workload.ts";

/** A capture of a guest that swaps. */
export interface SwapCaptureOptions {
  /** The table's file, `.arrow` or `.arrow.gz`. */
  readonly out: string;
  /** Pages that the program uses; 6144 when not given. */
  readonly pages?: number;
  /** Frames that it and its page tables may have; 4096 when not given. */
  readonly frames?: number;
  /** Rounds of as many references as there are pages; 6 when not given. */
  readonly rounds?: number;
  /** Of the random pages; 1 when not given. */
  readonly seed?: number;
  /** Is told what is being done. */
  readonly progress?: (step: string) => void;
  /** Ends the guest; the capture then rejects and leaves no file. */
  readonly signal?: AbortSignal;
}

const layout = {
  pattern: "words",
  kind: "words",
  pages: "uint32",
  frames: "uint32",
  round: "uint32",
  faults: "uint32",
  majorFaults: "uint32",
  pagesIn: "uint32",
  pagesOut: "uint32",
  residentPages: "uint32",
} as const;
const guestMegabytes = 256;

/**
 * Boots a guest whose second memory is a swap device, an NVMe disk, and lets a program reference more pages than its control group
 * allows frames: in order and at random, reading and writing. A row a round (round 0 writes every page once): what Linux counted in it, pswpin
 * (`pagesIn`) and pswpout among that, and the program's pages in memory at its end. Nothing is read ahead (page-cluster 0). QEMU's own counts of
 * the device's pages are in the provenance, `sweep-read.deviceReads` and the like, and beside them Linux's from before the device is made until
 * it is given up, `sweep-read.pagesIn`: QEMU's are the header's two reads and one write more. Needs Linux, QEMU, apt and a C compiler (with the
 * static libc). Gives the provenance.
 *
 * Throws OptionError for an option out of range, for a program that is missing, and when the guest fails.
 *
 * @example
 * ```ts
 * import { captureSwap } from "veelab/datasets";
 *
 * // Needs QEMU: call it where that is installed.
 * export const swapping = () => captureSwap({ out: "swapping.arrow.gz" });
 * ```
 */
export async function captureSwap(options: SwapCaptureOptions): Promise<Provenance> {
  const { out, pages = 6144, frames = 4096, rounds = 6, seed = 1, signal } = options;
  const progress = options.progress ?? (() => undefined);
  const whole = (name: string, value: number, least: number, most: number): void => {
    if (!(Number.isSafeInteger(value) && value >= least && value <= most))
      throw new OptionError(name, `a whole number from ${least} to ${most}`, value);
  };
  whole("pages", pages, 1, 32_768);
  // Below, the control group cannot hold the program itself.
  whole("frames", frames, 512, 32_768);
  whole("rounds", rounds, 1, 1000);
  whole("seed", seed, 1, 0xffff_ffff);
  checkTraceFile(out);
  const version = qemuVersion();
  const scratch = await mkdtemp(join(tmpdir(), "veelab-swap-"));
  try {
    progress("making the guest");
    const image = await swapImage(scratch, pages, frames);
    progress("booting the guest");
    const device: Record<string, string> = {};
    const rows = traceRows(layout, swapRuns.length * (rounds + 1));
    await withMachine(
      { image, accelerator: "tcg", memoryMegabytes: guestMegabytes, ...(signal === undefined ? {} : { signal }) },
      async (machine) => {
        for (const run of swapRuns) {
          const name = runName(run);
          progress(`running ${name}`);
          const before = await devicePages(machine);
          await machine.run(name, rounds, seed);
          const after = await devicePages(machine);
          device[`${name}.deviceReads`] = String(after.reads - before.reads);
          device[`${name}.deviceWrites`] = String(after.writes - before.writes);
          const swapped = (await machine.file(`/run/${swappedName(run)}`))
            .toString("latin1")
            .trim()
            .split("\n")
            .map(Number);
          if (swapped.length !== 4 || swapped.some(Number.isNaN))
            throw new OptionError("guest", `four numbers of ${name}`, swapped.join(" "));
          device[`${name}.pagesIn`] = String(swapped[2]! - swapped[0]!);
          device[`${name}.pagesOut`] = String(swapped[3]! - swapped[1]!);
          const lines = (await machine.file(`/run/${name}`)).toString("latin1").trim().split("\n");
          const counts = lines.map((line) => line.split(" ").map(Number));
          if (counts.length !== rounds + 2 || counts.some((line) => line.length !== 5 || line.some(Number.isNaN)))
            throw new OptionError("guest", `${rounds + 2} lines of five numbers of ${name}`, lines.at(-1));
          for (let round = 0; round <= rounds; round += 1) {
            const [from, to] = [counts[round]!, counts[round + 1]!];
            const { columns, count } = rows;
            columns.pattern.setText(count, run.pattern);
            columns.kind.setText(count, run.kind);
            columns.pages[count] = pages;
            columns.frames[count] = frames;
            columns.round[count] = round;
            columns.faults[count] = to[0]! - from[0]!;
            columns.majorFaults[count] = to[1]! - from[1]!;
            columns.pagesIn[count] = to[2]! - from[2]!;
            columns.pagesOut[count] = to[3]! - from[3]!;
            columns.residentPages[count] = to[4]!;
            rows.count += 1;
          }
        }
        await machine.quit();
      },
    );
    const provenance = {
      command: `veelab capture swap --pages ${pages} --frames ${frames} --rounds ${rounds} --seed ${seed}`,
      tool: `${version}, TCG, one emulated processor, swap on NVMe`,
      guest: image.versions.join(" "),
      guestMemory: `${guestMegabytes} MiB`,
      seed: String(seed),
      ...device,
    };
    await writeArrow(out, [rows.take()], { metadata: provenance });
    return provenance;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Pages that QEMU has read from the swap device, and written to it. */
async function devicePages({ qmp }: Machine): Promise<{ readonly reads: number; readonly writes: number }> {
  const [disk] = await qmp.execute("query-blockstats");
  return { reads: disk!.stats.rd_bytes / 4096, writes: disk!.stats.wr_bytes / 4096 };
}

/** The cloud kernel, a first file system with busybox and the sweeper, and an empty disk to swap to. */
async function swapImage(scratch: string, pages: number, frames: number): Promise<GuestImage> {
  const { kernel, versions } = await kernelOf(cloudKernel);
  const programs = await unpack("busybox", ["busybox-static"]);
  const sweeper = join(scratch, "sweeper");
  await compileC("swap/sweeper.c", sweeper, ["-static"]);
  const busybox = join(programs.folder, "bin/busybox");
  const file = (name: string, bytes: Uint8Array): ArchiveEntry => ({ name, mode: programMode, bytes });
  const workload = (run: SwapRun): ArchiveEntry =>
    file(`workloads/${runName(run)}`, Buffer.from(swapWorkload(run, pages, frames)));
  const initramfs = join(scratch, "initramfs");
  await writeFile(
    initramfs,
    cpio([
      ...["proc", "sys", "dev", "run", "bin", "workloads"].map((name): ArchiveEntry => ({
        name,
        mode: folderMode,
        bytes: Buffer.alloc(0),
      })),
      ...(await output(busybox, ["--list"], "busybox-static"))
        .trim()
        .split("\n")
        .filter((name) => name !== "busybox")
        .map((name) => ({ name: `bin/${name}`, mode: linkMode, bytes: Buffer.from("/bin/busybox") })),
      file("bin/busybox", await readFile(busybox)),
      file("bin/sweeper", await readFile(sweeper)),
      file("init", Buffer.from(initScript)),
      ...swapRuns.map(workload),
    ]),
  );
  const disk = join(scratch, "swap");
  await writeFile(disk, "");
  // Linux lets pages keep their slots while at most half are in use: three times as many as there are pages, and its header.
  await truncate(disk, (3 * pages + 256) * 4096);
  return { kernel, initramfs, disk, versions: [...versions, ...programs.versions] };
}
