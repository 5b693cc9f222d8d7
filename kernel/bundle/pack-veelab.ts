import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../package-root.ts";
import { InputError, reason } from "../run/input-error.ts";

/**
 * This very veelab as the package that npm would publish: the same bytes for the same files.
 *
 * @throws InputError where npm is not there or refuses
 */
export async function packVeelab(): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
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
    return { name, bytes: await readFile(join(folder, name)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
