import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../cache-folder.ts";
import { OptionError } from "../../errors.ts";
import { output } from "../output.ts";

/** The programs of the guest: busybox, a C compiler with its headers, and SQLite, with the libraries that they load. */
export const guestPackages = [
  "busybox-static",
  "tcc",
  "libtcc-dev",
  "libc6",
  "libc6-dev",
  "linux-libc-dev",
  "sqlite3",
  "libsqlite3-0",
  "libreadline8",
  "libtinfo6",
  "zlib1g",
] as const;

/** Debian's kernel for virtual machines: NVMe, ext4 and the serial ports are built in. */
export const cloudKernel = "linux-image-cloud-amd64";

/** Debian packages that lie unpacked in a folder. */
export interface Unpacked {
  readonly folder: string;
  /** `name=version` of each. */
  readonly versions: readonly string[];
}

/** Where guests are kept between captures. */
export const guestCache = (): string => cacheFolder("guest");

/** The package that a metapackage stands for, so that a newer kernel is another folder of the cache. */
export async function kernelPackage(meta: string): Promise<string> {
  const text = await output("apt-cache", ["depends", "--important", meta], "apt");
  const found = /Depends: (linux-image-\S+)/.exec(text)?.[1];
  if (found === undefined)
    throw new OptionError("kernel", `apt to know ${meta} (a Debian system; apt-get update brings its lists)`, "none");
  return found;
}

/**
 * Downloads Debian packages by apt and unpacks them, without installing anything or being root. What was unpacked
 * before is used again. A folder appears whole or not at all.
 *
 * Throws OptionError when apt or dpkg is missing or a package cannot be had.
 */
export async function unpack(name: string, packages: readonly string[]): Promise<Unpacked> {
  const cache = guestCache();
  const folder = join(cache, name);
  const listed = await readVersions(folder);
  if (listed !== undefined) return { folder, versions: listed };
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(join(cache, "unpack-"));
  try {
    const debs = join(scratch, "debs");
    const root = join(scratch, "root");
    await mkdir(debs);
    await output("apt-get", ["download", ...packages], "apt", debs);
    const versions: string[] = [];
    for (const deb of (await readdir(debs)).sort()) {
      const path = join(debs, deb);
      await output("dpkg-deb", ["--extract", path, root], "dpkg");
      const fields = await output("dpkg-deb", ["--show", "--showformat=${Package}=${Version}", path], "dpkg");
      versions.push(fields.trim());
    }
    await writeFile(join(root, versionsFile), `${versions.join("\n")}\n`);
    // Another capture may have been faster: then its folder is as good.
    await rename(root, folder).catch((error: unknown) => {
      if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    });
    return { folder, versions };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The kernel that a metapackage stands for: its file, and the package's folder and version. Throws as {@link unpack}, and when it has none. */
export async function kernelOf(meta: string): Promise<Unpacked & { readonly kernel: string }> {
  const name = await kernelPackage(meta);
  const unpacked = await unpack(name, [name]);
  const boot = join(unpacked.folder, "boot");
  const file = (await readdir(boot)).find((entry) => entry.startsWith("vmlinuz-"));
  if (file === undefined) throw new OptionError("kernel", `a kernel in ${name}`, "none");
  return { ...unpacked, kernel: join(boot, file) };
}

const versionsFile = ".veelab-packages";

async function readVersions(folder: string): Promise<readonly string[] | undefined> {
  const text = await readFile(join(folder, versionsFile), "utf8").catch(() => undefined);
  return text?.trim().split("\n");
}
