import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../../../datasets/package-root.ts";

/** Installs this package in a folder as another version of itself. */
export async function installOtherVersion(folder: string): Promise<void> {
  const root = packageRoot();
  for (const part of ["dist/kernel", "dist/lib", "dist/datasets"])
    await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as object;
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...manifest, version: "0.0.1-other" }));
}
