import { mkdtemp, open, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OptionError } from "../../errors.ts";
import { pageBytes, pageClass } from "../../formats/page.ts";
import { pageClasses } from "../../formats/kinds.ts";
import { type ArchiveEntry, cpio, folderMode, programMode } from "./cpio.ts";
import { guestImage } from "./image.ts";
import { type Machine, withMachine } from "./machine.ts";
import { modulesOf } from "./modules.ts";
import { cloudKernel, kernelPackage, unpack } from "./packages.ts";

/** What QEMU sent of a stopped guest, and what its memory was. */
export interface MigrationCounts {
  /** Pages of zeros that QEMU counted (`duplicate`), and others (`normal`), in all blocks of memory. */
  readonly qemuZeroPages: number;
  readonly qemuNormalPages: number;
  /** Pages of the blocks that are not the guest's memory: firmware and its tables. */
  readonly otherBlocksPages: number;
  /** Pages of the guest's memory by our own count of QEMU's file of it. */
  readonly zeroPages: number;
  readonly normalPages: number;
}

/**
 * Boots a guest, lets it do a workload, stops it, has QEMU migrate it to nowhere, and compares QEMU's count of pages of zeros with ours. The disk
 * is virtio's, since QEMU migrates no NVMe disk. The memory is read from QEMU's file of it: a dump by physical address shows
 * the firmware's windows instead of what lies below them.
 *
 * Throws OptionError for a program that is missing, and when the guest or the migration fails.
 */
export async function captureMigration(workload: string, memoryMegabytes: number): Promise<MigrationCounts> {
  const scratch = await mkdtemp(join(tmpdir(), "veelab-migration-"));
  try {
    const image = await guestImage(() => undefined);
    const initramfs = join(scratch, "initramfs");
    await writeFile(initramfs, await diskFinder());
    const pidFile = join(scratch, "pid");
    return await withMachine(
      {
        ...{ image: { ...image, initramfs }, accelerator: "tcg", memoryMegabytes, bus: "virtio", bootSeconds: 240 },
        more: () => ["-pidfile", pidFile],
      },
      async (machine) => {
        await machine.run(workload, 1, 1);
        await machine.sync();
        await machine.qmp.execute("stop");
        const ours = await countZeros((await readFile(pidFile, "utf8")).trim());
        const total = ours.zeroPages + ours.normalPages;
        const { duplicate, normal } = await migrateToNowhere(machine);
        return {
          ...{
            qemuZeroPages: duplicate,
            qemuNormalPages: normal,
            otherBlocksPages: (await blockPages(machine)) - total,
          },
          ...ours,
        };
      },
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A first file system that loads virtio's drivers, which the cloud kernel has as modules, and goes on from the disk. */
async function diskFinder(): Promise<Buffer> {
  const kernelName = await kernelPackage(cloudKernel);
  const { folder } = await unpack(kernelName, [kernelName]);
  const { kernel } = await guestImage(() => undefined);
  const modules = join(folder, "lib/modules", basename(kernel).slice("vmlinuz-".length));
  const programs = await unpack("busybox", ["busybox-static"]);
  const init = `#!/bin/busybox sh
for module in /modules/*.ko; do /bin/busybox insmod "$module"; done
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t ext4 /dev/vda /root
exec /bin/busybox switch_root /root /init
`;
  const folders = ["dev", "root", "bin", "modules"];
  return cpio([
    ...folders.map((name): ArchiveEntry => ({ name, mode: folderMode, bytes: Buffer.alloc(0) })),
    ...(await modulesOf(modules, ["virtio_pci", "virtio_blk"])),
    { name: "bin/busybox", mode: programMode, bytes: await readFile(join(programs.folder, "bin/busybox")) },
    { name: "init", mode: programMode, bytes: Buffer.from(init) },
  ]);
}

/** Counts pages of zeros in the memory file of a stopped QEMU. */
async function countZeros(pid: string): Promise<Pick<MigrationCounts, "zeroPages" | "normalPages">> {
  const handles = `/proc/${pid}/fd`;
  for (const name of await readdir(handles)) {
    const path = join(handles, name);
    if (!(await readlink(path).catch(() => "")).startsWith("/memfd:memory-backend-memfd")) continue;
    const counts = { zeroPages: 0, normalPages: 0 };
    const zero = pageClasses.indexOf("zero");
    const file = await open(path);
    try {
      const chunk = new Uint8Array(256 * pageBytes);
      for (let at = 0; ;) {
        const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0) return counts;
        for (let page = 0; page < bytesRead; page += pageBytes)
          counts[pageClass(chunk.subarray(page, page + pageBytes)) === zero ? "zeroPages" : "normalPages"]++;
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  }
  throw new OptionError("qemu", "a memory file of QEMU's", "none");
}

async function migrateToNowhere({ qmp }: Machine): Promise<{ readonly duplicate: number; readonly normal: number }> {
  await qmp.execute("migrate-set-parameters", { "max-bandwidth": 2 ** 40 });
  await qmp.execute("migrate", { uri: "exec:cat > /dev/null" });
  for (;;) {
    const { status, ram, ...rest } = await qmp.execute("query-migrate");
    if (status === "failed") throw new OptionError("migrate", "QEMU to migrate the guest", rest["error-desc"]);
    if (status === "completed" && ram !== undefined) return ram;
    await sleep(50);
  }
}

/** Pages of all blocks of memory that QEMU migrates. */
async function blockPages({ qmp }: Machine): Promise<number> {
  const text = await qmp.execute("human-monitor-command", { "command-line": "info ramblock" });
  // A line a block: name, page size, offset, used and total length, in hexadecimal.
  let bytes = 0;
  for (const [, used] of text.matchAll(/^\s*\S+\s+\S+ \S+\s+0x[0-9a-f]+\s+0x([0-9a-f]+)/gm))
    bytes += parseInt(used!, 16);
  return Math.ceil(bytes / pageBytes);
}
