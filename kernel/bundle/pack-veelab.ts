import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../package-root.ts";
import { InputError, reason } from "../run/input-error.ts";

/** A package as npm publishes it. */
export interface Packed {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Files in it that git, where this veelab is a clone, neither tracks nor ignores: somebody's own. */
  readonly untracked: readonly string[];
}

/**
 * This very veelab as the package that npm would publish: the same bytes for the same files.
 *
 * @throws InputError where npm is not there or refuses
 */
export async function packVeelab(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), "veelab-pack-"));
  try {
    const args = ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder];
    await promisify(execFile)("npm", args, {
      ...{ cwd: packageRoot(), maxBuffer: 2 ** 26, shell: process.platform === "win32" },
    }).catch((cause: unknown) => {
      throw new InputError(`npm pack: cannot pack veelab: ${reason(cause)}`, { cause });
    });
    const [name] = await readdir(folder);
    if (name === undefined) throw new InputError("npm pack: expected a package of veelab, got none");
    return { name, bytes: await readFile(join(folder, name)), untracked: await untracked() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** None where there is no git, or veelab is an installed package. */
async function untracked(): Promise<readonly string[]> {
  const args = ["ls-files", "--others", "--exclude-standard", "-z", "--", "notebooks", "datasets/data", "LICENSES"];
  const listed = await promisify(execFile)("git", args, { cwd: packageRoot() }).catch(() => ({ stdout: "" }));
  return listed.stdout.split("\0").filter((path) => path !== "" && !/(?:^|\/)\.|\.log$/u.test(path));
}
