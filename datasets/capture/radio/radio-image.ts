import { existsSync } from "node:fs";
import { lstat, mkdtemp, readdir, readFile, readlink, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { compileC } from "../compile.ts";
import { type ArchiveEntry, cpio, folderMode, linkMode, programMode } from "../guest/cpio.ts";
import { type GuestImage, shortHash } from "../guest/image.ts";
import { initScript } from "../guest/init-script.ts";
import { modulesOf } from "../guest/modules.ts";
import { guestCache, kernelOf, unpack } from "../guest/packages.ts";
import { packageRoot } from "../../package-root.ts";
import { output } from "../output.ts";
import { radioWorkload } from "./radio-workload.ts";

/** Debian's kernel with all its drivers; the simulated radio is a module of it. */
const fullKernel = "linux-image-amd64";

const radioPackages = [
  ...["busybox-static", "libc6", "iw", "hostapd", "libnl-3-200", "libnl-genl-3-200", "libnl-route-3-200", "libssl3"],
] as const;

/** Builds a guest without a disk whose kernel has simulated radios, in the user's cache folder. */
export async function radioImage(progress: (step: string) => void): Promise<GuestImage> {
  progress("unpacking Debian's full kernel and hostapd");
  const { kernel, folder: kernelFolder, versions: kernelVersions } = await kernelOf(fullKernel);
  const programs = await unpack(`radio-${shortHash(radioPackages.join(" "))}`, radioPackages);
  const versions = [...kernelVersions, ...programs.versions];
  const snifferSource = await readFile(join(packageRoot(), "datasets/capture/radio/sniffer.c"), "utf8");
  const made = shortHash(JSON.stringify([versions, initScript, radioWorkload, snifferSource]));
  const initramfs = join(guestCache(), `radio-${made}.cpio`);
  if (!existsSync(initramfs)) {
    progress("making the guest's file system");
    const scratch = await mkdtemp(join(tmpdir(), "veelab-radio-"));
    try {
      const sniffer = join(scratch, "sniffer");
      await compileC("radio/sniffer.c", sniffer, ["-static"]);
      const release = basename(kernel).slice("vmlinuz-".length);
      // A folder must stand before what is in it.
      const archive = cpio([
        ...["proc", "sys", "dev", "run", "workloads", "modules"].map((name) => folder(name)),
        ...(await entriesOf(programs.folder)),
        ...(await modulesOf(join(kernelFolder, "lib/modules", release), ["mac80211_hwsim"])),
        ...(await output(join(programs.folder, "bin/busybox"), ["--list"], "busybox-static"))
          .trim()
          .split("\n")
          .filter((name) => name !== "busybox")
          .map((name) => ({ name: `bin/${name}`, mode: linkMode, bytes: Buffer.from("/bin/busybox") })),
        program("init", Buffer.from(initScript)),
        program("workloads/radio", Buffer.from(radioWorkload)),
        program("bin/sniffer", await readFile(sniffer)),
      ]);
      await writeFile(`${initramfs}.${process.pid}`, archive);
      await rename(`${initramfs}.${process.pid}`, initramfs);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  return { kernel, initramfs, versions };
}

const folder = (name: string): ArchiveEntry => ({ name, mode: folderMode, bytes: Buffer.alloc(0) });
const program = (name: string, bytes: Uint8Array): ArchiveEntry => ({ name, mode: programMode, bytes });

/** The packages' files, without what only people read. */
async function entriesOf(root: string): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  for (const name of (await readdir(root, { recursive: true })).sort()) {
    if (/^usr\/share(\/|$)|^usr\/lib\/x86_64-linux-gnu\/(gconv|ossl-modules|engines)/.test(name)) continue;
    const path = join(root, name);
    const stat = await lstat(path);
    if (stat.isDirectory()) entries.push(folder(name));
    else if (stat.isSymbolicLink()) entries.push({ name, mode: linkMode, bytes: Buffer.from(await readlink(path)) });
    else entries.push({ name, mode: stat.mode, bytes: await readFile(path) });
  }
  return entries;
}
