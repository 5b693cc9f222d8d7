import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A folder with our kernelspec in it, as `veelab install --prefix` leaves it, for Jupyter's clients to look in. */
export interface InstalledKernel {
  readonly folder: string;
  /** The environment in which a client finds this kernel, and nothing of the user's own. */
  readonly env: NodeJS.ProcessEnv;
  remove(): Promise<void>;
}

/** Installs the built kernel's kernelspec into a new folder of its own. */
export async function installKernel(): Promise<InstalledKernel> {
  const folder = await mkdtemp(join(tmpdir(), "veelab-installed-"));
  const cli = fileURLToPath(new URL("../../dist/kernel/cli.js", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [cli, "install", "--prefix", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`veelab install: ${stderr}`);
  return {
    folder,
    env: {
      ...process.env,
      JUPYTER_PATH: join(folder, "share", "jupyter"),
      JUPYTER_DATA_DIR: join(folder, "data"),
      JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
      JUPYTER_CONFIG_DIR: join(folder, "config"),
      VEELAB_DATA_DIR: join(folder, "veelab"),
      VEELAB_HISTORY: "on",
      IPYTHONDIR: join(folder, "ipython"),
      // The clients' own notices are not what is tested.
      PYTHONWARNINGS: "ignore",
      PYTHONDONTWRITEBYTECODE: "1",
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
