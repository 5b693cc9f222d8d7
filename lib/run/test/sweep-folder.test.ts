import { chmod, chown, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { portableRun } from "../portable.ts";
import { readLock, removeDead } from "../slurm/lock.ts";
import { openSweepFolder } from "../slurm/sweep-folder.ts";
import { withFolder } from "./cluster-sweep.ts";

const prepared = () =>
  portableRun({ n: [1] }, () => ({ one: 1 }), { share: {}, seed: 0, directory: import.meta.dirname });

describe("the folder of a sweep on Slurm", () => {
  it.skipIf(process.platform === "win32")("is the user's alone, also where it was there", async () => {
    await withFolder(async (parent) => {
      const { portable } = await prepared();
      const { path } = await openSweepFolder(join(parent, "shared", "sweeps"), portable);
      expect((await stat(path)).mode & 0o777).toBe(0o700);
      await chmod(path, 0o777);
      await openSweepFolder(join(parent, "shared", "sweeps"), portable);
      expect((await stat(path)).mode & 0o777).toBe(0o700);
    });
  });

  it.skipIf(process.getuid?.() !== 0)("is refused where another user has made it", async () => {
    await withFolder(async (parent) => {
      const { portable } = await prepared();
      const { path } = await openSweepFolder(parent, portable);
      await chown(path, 65534, 65534);
      await expect(openSweepFolder(parent, portable)).rejects.toThrow(
        `slurm: expected a folder of user 0, got ${path} of user 65534: give another folder`,
      );
    });
  });
});

describe("the lock of a sweep's folder", () => {
  it("is removed where its coordinator is dead, and stays where another one has made its own meanwhile", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "coordinator");
      await writeFile(path, "process 1 on here");
      const dead = (await readLock(path))!;
      await removeDead(path, { ...dead, claim: "process 2 on here" });
      expect(await readLock(path)).toEqual(dead);
      await removeDead(path, dead);
      expect(await readLock(path)).toBeUndefined();
      // Another one was faster.
      await removeDead(path, dead);
    });
  });
});
