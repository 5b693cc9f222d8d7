import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { OptionError } from "../../errors.ts";
import { type ArchiveEntry, programMode } from "./cpio.ts";

/** Modules and what they need, named so that their order is that of loading. Debian's package has no modules.dep: modinfo tells. */
export async function modulesOf(root: string, wanted: readonly string[]): Promise<ArchiveEntry[]> {
  const files = new Map(
    (await readdir(root, { recursive: true }))
      .filter((name) => name.endsWith(".ko"))
      .map((name) => [basename(name, ".ko").replaceAll("-", "_"), join(root, name)]),
  );
  const order: string[] = [];
  const visit = async (name: string): Promise<void> => {
    if (order.includes(name)) return;
    const file = files.get(name);
    if (file === undefined) throw new OptionError("kernel", `the module ${name} in Debian's kernel`, "none");
    const depends = /\0depends=([^\0]*)\0/.exec((await readFile(file)).toString("latin1"))?.[1] ?? "";
    for (const needed of depends.split(",")) if (needed !== "") await visit(needed.replaceAll("-", "_"));
    order.push(name);
  };
  for (const name of wanted) await visit(name);
  return Promise.all(
    order.map(async (name, at) => ({
      name: `modules/${String(at).padStart(2, "0")}-${name}.ko`,
      mode: programMode,
      bytes: await readFile(files.get(name)!),
    })),
  );
}
