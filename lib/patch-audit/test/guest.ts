import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ArchiveEntry, cpio, folderMode, linkMode, programMode } from "../../../datasets/capture/guest/cpio.ts";
import { guestImage, shortHash } from "../../../datasets/capture/guest/image.ts";
import { initScript } from "../../../datasets/capture/guest/init-script.ts";
import { type Machine, withMachine } from "../../../datasets/capture/guest/machine.ts";
import { guestPackages, unpack } from "../../../datasets/capture/guest/packages.ts";
import { output } from "../../../datasets/capture/output.ts";
import { tool } from "../../../kernel/test/tool.ts";

/** Whether guests can be made here. */
export const hasGuests: boolean =
  tool("gcc", ["--version"], "gcc") &&
  tool("dpkg-deb", ["--version"], "dpkg") &&
  tool("qemu-system-x86_64", ["--version"], "qemu-system-x86") &&
  tool("apt-get", ["--version"], "apt") &&
  tool("mkfs.ext4", ["-V"], "e2fsprogs");

export const directory = (name: string): ArchiveEntry => ({ name, mode: folderMode, bytes: Buffer.alloc(0) });
export const file = (name: string, bytes: Uint8Array): ArchiveEntry => ({ name, mode: programMode, bytes });

/** Runs a guest of 128 MB with busybox and these files in its memory, and Debian's kernel for virtual machines. */
export async function withGuest(
  files: readonly ArchiveEntry[],
  write: (name: string, bytes: Uint8Array) => string,
  use: (machine: Machine, dump: (path: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const { kernel } = await guestImage(() => undefined);
  const programs = await unpack(`programs-${shortHash(guestPackages.join(" "))}`, guestPackages);
  const busybox = join(programs.folder, "bin/busybox");
  const applets = (await output(busybox, ["--list"], "busybox-static")).trim().split("\n");
  const initramfs = write(
    "initramfs",
    cpio([
      ...["proc", "sys", "dev", "run", "bin", "workloads"].map(directory),
      file("init", Buffer.from(initScript)),
      file("bin/busybox", await readFile(busybox)),
      ...applets
        .filter((name) => name !== "busybox")
        .map((name) => ({ name: `bin/${name}`, mode: linkMode, bytes: Buffer.from("/bin/busybox") })),
      ...files,
    ]),
  );
  await withMachine(
    { image: { kernel, initramfs, versions: [] }, accelerator: "tcg", memoryMegabytes: 128 },
    async (machine) =>
      use(machine, (path) =>
        machine.qmp.execute("human-monitor-command", { "command-line": `dump-guest-memory ${path}` }),
      ),
  );
}
