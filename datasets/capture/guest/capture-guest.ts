import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OptionError } from "../../errors.ts";
import { pageBytes } from "../../formats/page.ts";
import { type Batches, writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { codeTable } from "./access-records.ts";
import { AccessRecorder } from "./access-recorder.ts";
import { findAccelerator } from "./accelerator.ts";
import { GuestClock } from "./guest-clock.ts";
import { guestImage } from "./image.ts";
import { withMachine } from "./machine.ts";
import { nvmeEvents, readNvmeTrace } from "./nvme-trace.ts";
import { StoreRecorder } from "./store-recorder.ts";
import { preparation } from "./workloads.ts";
import { type GuestCaptureOptions, accessTables, checked } from "./guest-options.ts";
import { DumpRecorder } from "./dump-recorder.ts";

/**
 * Boots a Debian guest in QEMU, lets it do one workload, and writes what was asked for as Arrow files:
 *
 * - `blocks`: the requests to its NVMe disk, with the guest's pages (and `block-pages`: every page of each request);
 * - `pages`: dumps of its memory, a row for each page: class, hash, Linux's own flags, and the equal block of its disk;
 * - `stores`: when the processor last wrote to each page, at each dump, from the boot on;
 * - `counters`: /proc/meminfo, /proc/vmstat and QEMU's dirty rate at each dump;
 * - `page-tables`: the page tables of the running process at each dump;
 * - `memory`: all references to memory, the kernel's too, as runs on virtual and physical pages (see {@link PageRuns});
 * - `accesses`: the first references one by one, with virtual and physical address;
 * - `code-pages`: the physical pages that were executed.
 *
 * The stores need QEMU's translator and slow it down to a third or so. The last three need it, too, and are recorded at about 8 million records a second (two cores, measured); a
 * block of instructions counts as executed when it is entered, and an access that crosses a page as one to its first.
 *
 * The files say what was run; times are nanoseconds since QEMU's start, without those in
 * which it was stopped for a dump. No content of a page or file is kept. Needs Linux, QEMU and
 * apt; the guest is built in the user's cache folder at the first call. Gives the provenance of the files.
 *
 * Throws OptionError for an option out of range, for KVM where no guest boots with it, for a program that is missing, and when the guest fails.
 *
 * @example
 * ```ts
 * import { captureGuest } from "veelab/datasets";
 *
 * // Needs QEMU: call it where that is installed.
 * export const captureSqlite = () => captureGuest({ workload: "sqlite", out: "sqlite-guest", tables: ["blocks"] });
 * ```
 */
export async function captureGuest(options: GuestCaptureOptions): Promise<Provenance> {
  const { workload, rounds, seed, memoryMegabytes, dumps, intervalSeconds, tables, limit, rawLimit } = checked(options);
  const progress = options.progress ?? (() => undefined);
  const { signal } = options;
  const version = qemuVersion();
  const image = await guestImage(progress);
  const wanted = new Set(tables);
  const recordsAccesses = accessTables.some((name) => wanted.has(name));
  const asked = options.accelerator ?? "auto";
  const recordsStores = wanted.has("stores");
  if ((recordsAccesses || recordsStores) && asked === "kvm")
    throw new OptionError("accelerator", "tcg or auto for stores, memory, accesses and code-pages", asked);
  const accelerator = await findAccelerator(recordsAccesses || recordsStores ? "tcg" : asked, image, signal, progress);
  const scratch = await mkdtemp(join(tmpdir(), "veelab-plugin-"));
  try {
    const accesses = recordsAccesses
      ? await AccessRecorder.make({ records: limit, raw: wanted.has("accesses") ? rawLimit : 0 }, scratch)
      : undefined;
    const pages = (memoryMegabytes << 20) / pageBytes;
    const stores = recordsStores ? await StoreRecorder.make(pages, scratch) : undefined;
    const plugin = accesses ?? stores;
    const clock = new GuestClock();
    progress("booting the guest");
    return await withMachine(
      {
        ...(plugin === undefined ? {} : { more: (folder: string) => plugin.arguments(folder) }),
        image,
        accelerator,
        memoryMegabytes,
        ...(wanted.has("blocks") ? { events: nvmeEvents } : {}),
        ...(signal === undefined ? {} : { signal }),
      },
      async (machine) => {
        await machine.run(preparation(workload.name), rounds, seed);
        await accesses?.start(machine);
        const startNs = clock.now();
        progress(`running ${workload.name}`);
        let ended = false as boolean;
        const running = machine.run(workload.name, rounds, seed).finally(() => (ended = true));
        // It is awaited below; until then its failure must not be taken for one that nobody handles.
        running.catch(() => undefined);
        const recorder = new DumpRecorder(machine, wanted, pages, clock, stores);
        if (recorder.needed)
          for (let dump = 0; dump < dumps && (dump === 0 || !ended); dump += 1) {
            // A workload that ends before does not wait for the timer, nor does this process.
            const pause = sleep(intervalSeconds * 1000, undefined, { ref: false });
            await Promise.race([Promise.all([pause, recorder.dirtyRate()]), running]);
            progress(`dump ${dump + 1}`);
            await recorder.dump(dump);
          }
        if (accesses === undefined || tables.some((name) => !accessTables.includes(name))) await running;
        else await Promise.race([running, full(accesses, () => ended)]);
        const endNs = clock.now();
        if (ended) await machine.sync();
        const last = wanted.has("code-pages") ? await recorder.scan() : undefined;
        await machine.qmp.execute("stop");
        const provenance: Record<string, string> = {
          command: [
            `veelab capture guest --workload ${workload.name} --rounds ${rounds} --seed ${seed} --memory ${memoryMegabytes}`,
            `--tables ${tables.join(",")} --dumps ${dumps} --interval ${intervalSeconds}`,
          ].join(" "),
          workload: `${workload.name}: ${workload.description}`,
          rounds: String(rounds),
          seed: String(seed),
          tool: `${version}, ${accelerator === "tcg" ? "TCG, one emulated processor" : "KVM, one processor"}`,
          guest: image.versions.join(" "),
          guestMemory: `${memoryMegabytes} MiB`,
          workloadStartNs: String(startNs),
          workloadEndNs: String(endNs),
        };
        const [disk] = await machine.qmp.execute("query-blockstats");
        await machine.quit();
        const runs = await accesses?.end();
        if (accesses !== undefined) {
          const { instructions, reads, writes, deviceAccesses } = accesses.records.totals();
          Object.assign(provenance, {
            instructions: String(instructions),
            memoryReads: String(reads),
            memoryWrites: String(writes),
            deviceAccesses: String(deviceAccesses),
          });
        }
        await mkdir(options.out, { recursive: true });
        const write = async (name: string, batches: Batches): Promise<void> => {
          await writeArrow(join(options.out, `${name}.arrow.gz`), batches, { metadata: provenance });
        };
        if (wanted.has("blocks")) {
          const { rd_operations, wr_operations, rd_bytes, wr_bytes } = disk!.stats;
          Object.assign(provenance, {
            reads: String(rd_operations),
            writes: String(wr_operations),
            readBytes: String(rd_bytes),
            writtenBytes: String(wr_bytes),
          });
          const trace = await readNvmeTrace(machine.log, (micros) => clock.guestTime(micros));
          await write("blocks", [trace.requests]);
          await write("block-pages", [trace.pages]);
        }
        for (const [name, batches] of recorder.tables) await write(name, batches);
        if (accesses !== undefined) {
          if (wanted.has("memory")) await write("memory", runs!());
          if (wanted.has("accesses")) await write("accesses", [accesses.records.raw()]);
          if (last !== undefined)
            await write("code-pages", [codeTable(accesses.records.code(), last.memory.hashes, last.blocks)]);
        }
        return provenance;
      },
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Resolves when the recording has as many accesses as asked for. */
async function full(accesses: AccessRecorder, ended: () => boolean): Promise<void> {
  while (!accesses.full && !ended()) await sleep(50);
}

/** QEMU's version; OptionError when it is not installed. */
export function qemuVersion(): string {
  const { stdout, error, status } = spawnSync("qemu-system-x86_64", ["--version"], { encoding: "utf8" });
  if (error !== undefined || status !== 0)
    throw new OptionError(
      "qemu",
      "the program qemu-system-x86_64 on the path (Debian: apt-get install qemu-system-x86)",
      "none",
    );
  return /QEMU emulator version [\d.]+/.exec(stdout)?.[0] ?? "QEMU";
}
