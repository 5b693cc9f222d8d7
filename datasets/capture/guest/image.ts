import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { output } from "../output.ts";
import { writeContents } from "./contents.ts";
import { initScript } from "./init-script.ts";
import { cloudKernel, guestCache, guestPackages, kernelOf, unpack } from "./packages.ts";
import { preparation, workloads } from "./workloads.ts";

/** A guest that can be started. */
export interface GuestImage {
  /** The kernel's file. */
  readonly kernel: string;
  /** An ext4 file system with everything else; to be copied, as a guest writes to it. */
  readonly disk?: string;
  /** A first file system in memory, for a guest without a disk. */
  readonly initramfs?: string;
  /** `name=version` of the Debian packages in it. */
  readonly versions: readonly string[];
}

const diskMegabytes = 192;

/**
 * Builds the guest from Debian packages, in the user's cache folder and without root: the cloud kernel, and a disk with
 * busybox, tcc, SQLite and the files that the workloads read. Takes seconds; later calls find it there.
 *
 * Throws OptionError naming the package when a program (apt-get, dpkg-deb, mkfs.ext4) is missing.
 */
export async function guestImage(progress: (step: string) => void): Promise<GuestImage> {
  progress("unpacking Debian's kernel and programs");
  const { kernel, versions: kernelVersions } = await kernelOf(cloudKernel);
  const programs = await unpack(`programs-${shortHash(guestPackages.join(" "))}`, guestPackages);
  const versions = [...kernelVersions, ...programs.versions];
  const made = shortHash(JSON.stringify([versions, workloads, initScript, writeContents.toString(), diskMegabytes]));
  const disk = join(guestCache(), `disk-${made}.ext4`);
  if (!existsSync(disk)) {
    progress("making the guest's disk");
    await makeDisk(programs.folder, disk);
  }
  return { kernel, disk, versions };
}

/** A name for contents. */
export const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

async function makeDisk(programs: string, disk: string): Promise<void> {
  const scratch = await mkdtemp(join(guestCache(), "disk-"));
  try {
    const tree = join(scratch, "tree");
    await cp(programs, tree, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !/\/usr\/share\/(doc|man|info|locale)/.test(path),
    });
    for (const folder of ["proc", "sys", "dev", "run", "var/work", "workloads"])
      await mkdir(join(tree, folder), { recursive: true });
    const busybox = join(tree, "bin/busybox");
    for (const applet of (await output(busybox, ["--list"], "busybox-static")).trim().split("\n"))
      if (applet !== "busybox") await symlink("/bin/busybox", join(tree, "bin", applet));
    for (const { name, prepare, script } of workloads) {
      await writeFile(join(tree, "workloads", name), `${script}\n`);
      await writeFile(join(tree, "workloads", preparation(name)), `${prepare ?? ""}\n`);
    }
    await writeFile(join(tree, "init"), initScript);
    await chmod(join(tree, "init"), 0o755);
    await writeContents(tree);
    const file = join(scratch, "disk");
    await output(
      "mkfs.ext4",
      [
        "-q",
        "-F",
        "-b",
        "4096",
        "-m",
        "0",
        "-E",
        "root_owner=0:0,lazy_itable_init=0",
        "-d",
        tree,
        file,
        `${diskMegabytes}M`,
      ],
      "e2fsprogs",
    );
    await rename(file, disk);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
