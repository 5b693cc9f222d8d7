import { type RecordBatch, Table } from "apache-arrow";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, readFile, stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { GuestClock } from "../../../datasets/capture/guest/guest-clock.ts";
import { guestImage } from "../../../datasets/capture/guest/image.ts";
import { withMachine } from "../../../datasets/capture/guest/machine.ts";
import { nvmeEvents, readNvmeTrace } from "../../../datasets/capture/guest/nvme-trace.ts";
import { hashBlocks, pageTables, scanPages } from "../../../datasets/capture/guest/page-scan.ts";
import { StoreRecorder } from "../../../datasets/capture/guest/store-recorder.ts";
import { preparation } from "../../../datasets/capture/guest/workloads.ts";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { tool } from "../../../kernel/test/tool.ts";
import { checkpointFiles } from "../command.ts";
import { verifyImage } from "../image/restore.ts";
import { saveImage } from "../image/save.ts";
import {
  checkpoint,
  type CheckpointOptions,
  costs2011,
  dirtyLog,
  exactContents,
  guestEvents,
  incremental,
  skipEqual,
  skipMappedAndZero,
} from "../index.ts";
import { stalePages } from "./stale-pages.ts";

const folder = temporaryFolder();
const able =
  tool("cc", ["--version"], "gcc") &&
  tool("qemu-system-x86_64", ["--version"], "qemu-system-x86") &&
  tool("apt-get", ["--version"], "apt") &&
  tool("mkfs.ext4", ["-V"], "e2fsprogs");

describe.skipIf(!able)("a real guest's dump", { timeout: 300_000 }, () => {
  it("is saved and restored byte for byte, as ELF, and raw and compressed", async () => {
    const megabytes = 96;
    const pages = megabytes * 256;
    const [elf, raw, disk] = [folder.path("elf"), folder.path("raw"), folder.path("disk")];
    const image = await guestImage(() => undefined);
    await withMachine({ image, accelerator: "tcg", memoryMegabytes: megabytes, bootSeconds: 240 }, async (machine) => {
      await machine.sync();
      await machine.qmp.execute("stop");
      await machine.qmp.execute("dump-guest-memory", { paging: false, protocol: `file:${elf}` });
      await machine.qmp.execute("pmemsave", { val: 0, size: pages * 4096, filename: raw });
      await copyFile(machine.disk, disk);
    });
    for (const memory of [elf, raw]) {
      const [saved, restored] = [folder.path("image"), folder.path("restored")];
      const counts = await saveImage(memory, disk, saved, memory === raw);
      await verifyImage(saved, disk);
      expect(await checkpointFiles(["restore", saved, disk, "-o", restored])).toBe(0);
      expect((await readFile(restored)).equals(await readFile(memory))).toBe(true);
      // A guest that has just booted has read its programs: some of its memory is on its disk, most of it was never used.
      expect(counts.diskPages).toBeGreaterThan(300);
      expect(counts.imageBytes).toBeLessThan(0.8 * (await stat(memory)).size);
    }
  });
});

/** The pages that a guest's NVMe disk fills by itself, without a request's data: its queues of completions, its indices of events. */
function pagesOfTheDevice(log: string): number[] {
  const last = (event: RegExp): string[] => [...log.matchAll(event)].at(-1)!.slice(1);
  const [queue, lastEntry] = last(/pci_nvme_create_cq .*addr=(0x[0-9a-f]+), cqid=1, .*qsize=(\d+)/g);
  const [administrative] = last(/pci_nvme_mmio_acqaddr .*address=(0x[0-9a-f]+)/g);
  const [indices] = last(/pci_nvme_dbbuf_config .*eis_addr=(0x[0-9a-f]+)/g);
  // An entry of a queue is 16 bytes (NVM Express 1.4, 4.6).
  const queuePages = Math.ceil(((Number(lastEntry) + 1) * 16) / 4096);
  return [
    ...Array.from({ length: queuePages }, (_, at) => Number(queue) / 4096 + at),
    ...[administrative, indices].map((at) => Number(at) / 4096),
  ];
}

describe.skipIf(!able)("a real guest's transfers and stores", { timeout: 400_000 }, () => {
  it("give a map without a false exclusion, all of it checked; only the disk's own pages change unseen", async () => {
    const pages = 128 * 256;
    const image = await guestImage(() => undefined);
    const plugin = folder.path("plugin");
    await mkdir(plugin);
    const recorder = await StoreRecorder.make(pages, plugin);
    const clock = new GuestClock();
    const dumps: { memory: Buffer; disk: Buffer; stores: RecordBatch; rows: RecordBatch }[] = [];
    const dumpTable = pageTables();
    const { trace, log } = await withMachine(
      {
        ...{ image, accelerator: "tcg", memoryMegabytes: 128, bootSeconds: 240 },
        events: [...nvmeEvents, "pci_nvme_create_cq", "pci_nvme_mmio_acqaddr", "pci_nvme_dbbuf_config"],
        more: (of) => recorder.arguments(of),
      },
      async (machine) => {
        for (const dump of [0, 1]) {
          await machine.run(preparation("fileserver"), 6, 1 + dump);
          await machine.run("fileserver", 6, 1 + dump);
          await machine.sync();
          await machine.qmp.execute("stop");
          clock.stop();
          const stores = recorder.table(dump, clock);
          const filename = folder.path("memory");
          await machine.qmp.execute("pmemsave", { val: 0, size: pages * 4096, filename });
          const [memory, disk] = [await readFile(filename), await readFile(machine.disk)];
          const [scan, blocks] = [await scanPages(createReadStream(filename), pages), await hashBlocks(machine.disk)];
          dumps.push({
            memory,
            disk,
            stores,
            rows: dumpTable(dump, clock.now(), scan, new BigUint64Array(pages), blocks),
          });
          clock.go();
          await machine.qmp.execute("cont");
        }
        await machine.quit();
        const text = await readFile(machine.log, "utf8");
        return { trace: await readNvmeTrace(machine.log, (micros) => clock.guestTime(micros)), log: text };
      },
    );
    const guest = guestEvents({
      requests: new Table([trace.requests]),
      pieces: new Table([trace.pages]),
      pages: new Table(dumps.map(({ rows }) => rows)),
      stores: new Table(dumps.map(({ stores }) => stores)),
    });
    const exact = dumps.map(({ memory, disk }) => exactContents(memory, disk));
    const contents = (dump: number) => exact[dump]!;
    const options = { pages, contents, tracking: dirtyLog(), costs: costs2011 };
    const of = async (more: Pick<CheckpointOptions, "variant" | "without" | "contents">) =>
      (await checkpoint(guest.events, { ...options, ...more })).row;
    const row = await of({ variant: skipMappedAndZero() });
    expect([row.falseExclusions, row.unverifiedPages]).toEqual([0, 0]);
    // The table of a dump cannot tell of pages whose block has the content of an earlier one: the guest's copies of its files.
    const byTable = await of({ variant: skipMappedAndZero(), contents: guest.contents });
    expect(byTable.falseExclusions).toBe(0);
    expect(byTable.unverifiedPages).toBeGreaterThan(0);
    // The map finds most of what hashing everything finds, and nothing else.
    const oracle = await of({ variant: skipEqual() });
    expect(row.mappedPages).toBeGreaterThan(0.6 * oracle.mappedPages);
    expect(row.mappedPages).toBeLessThanOrEqual(oracle.mappedPages);
    expect((await of({ variant: skipMappedAndZero(), without: ["stored"] })).falseExclusions).toBeGreaterThan(0);
    // The plugin sees the processor, the log the requests' data; what the disk tells the guest besides is in neither.
    const stale = stalePages({ ...guest, contents });
    expect(stale.length).toBeGreaterThan(0);
    expect(pagesOfTheDevice(log)).toEqual(expect.arrayContaining(stale));
    expect((await of({ variant: incremental(skipMappedAndZero()) })).falseUnchanged).toBe(stale.length);
  });
});
