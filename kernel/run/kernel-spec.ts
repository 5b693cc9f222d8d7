import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { kernelArgv } from "../argv.ts";
import { isJsonObject, type Json, type JsonObject } from "../protocol/json.ts";
import { InputError, reason } from "./input-error.ts";

/** How a kernel is started. */
export interface KernelSpec {
  readonly name: string;
  readonly displayName: string;
  readonly language: string;
  /** The command; `{connection_file}` stands for the connection file's path. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether an interrupt is a message on the control channel or SIGINT to the process. */
  readonly interruptMode: "message" | "signal";
  /** What the kernel tells front ends: `debugger`. */
  readonly metadata: JsonObject;
}

/** A kernel that is installed for Jupyter, and its folder, in which its logos are. */
export interface InstalledKernel {
  readonly spec: KernelSpec;
  readonly folder: string;
}

/** Names under which notebooks of this kernel, and of those that it can stand in for, are saved. */
export const OWN_NAMES: readonly string[] = ["veelab", "tslab", "jslab"];

/** The kernel of this package, started with the Node that runs now: it need not be installed. */
export function ownKernel(): KernelSpec {
  return {
    name: "veelab",
    displayName: "TypeScript (veelab)",
    language: "typescript",
    argv: kernelArgv("{connection_file}"),
    env: {},
    interruptMode: "message",
    metadata: { debugger: true },
  };
}

/**
 * A kernel by its name: this package's own (`veelab`), or one that is installed for Jupyter.
 *
 * @throws InputError when none has this name (with the names that there are) or its `kernel.json` is damaged
 */
export async function findKernel(name: string): Promise<KernelSpec> {
  if (name === "veelab") return ownKernel();
  const installed = await installedNames();
  const found = installed.get(name.toLowerCase());
  if (found !== undefined) return readSpec(found.name, found.folder);
  const names = ["veelab", ...[...installed.values()].map((each) => each.name)];
  throw new InputError(
    `--kernel: expected an installed kernel (${[...new Set(names)].sort().join(", ")}), got ${name}`,
  );
}

/**
 * The kernels that are installed for Jupyter, each name once.
 *
 * @param onDamaged - told of each kernel.json that cannot be used
 */
export async function installedKernels(onDamaged: (error: InputError) => void): Promise<InstalledKernel[]> {
  const kernels: InstalledKernel[] = [];
  for (const { name, folder } of (await installedNames()).values()) {
    if (!existsSync(join(folder, "kernel.json"))) continue;
    try {
      kernels.push({ spec: await readSpec(name, folder), folder });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      onDamaged(error);
    }
  }
  return kernels;
}

/** The folders that have a kernel's name, by that name in lower case: Jupyter finds it without regard to case. */
async function installedNames(): Promise<Map<string, { readonly name: string; readonly folder: string }>> {
  const found = new Map<string, { readonly name: string; readonly folder: string }>();
  for (const folder of kernelFolders())
    for (const name of await readdir(folder).catch(() => []))
      if (/^[a-z0-9._-]+$/iu.test(name) && !found.has(name.toLowerCase()))
        found.set(name.toLowerCase(), { name, folder: join(folder, name) });
  return found;
}

/** Where Jupyter looks for kernels, first the most personal place. */
function kernelFolders(): string[] {
  const { env, platform } = process;
  const set = (value: string | undefined): value is string => value !== undefined && value !== "";
  const user =
    platform === "darwin"
      ? join(homedir(), "Library", "Jupyter")
      : platform === "win32"
        ? join(env["APPDATA"] ?? homedir(), "jupyter")
        : join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "jupyter");
  const environments = [env["VIRTUAL_ENV"], env["CONDA_PREFIX"]]
    .filter(set)
    .map((prefix) => join(prefix, "share", "jupyter"));
  const system =
    platform === "win32"
      ? [join(env["PROGRAMDATA"] ?? "C:\\ProgramData", "jupyter")]
      : ["/usr/local/share/jupyter", "/usr/share/jupyter"];
  const given = (env["JUPYTER_PATH"] ?? "").split(delimiter).filter(set);
  const data = env["JUPYTER_DATA_DIR"];
  return [...given, set(data) ? data : user, ...environments, ...system].map((folder) => join(folder, "kernels"));
}

async function readSpec(name: string, folder: string): Promise<KernelSpec> {
  const file = join(folder, "kernel.json");
  let spec: Json;
  try {
    spec = JSON.parse(await readFile(file, "utf8")) as Json;
  } catch (cause) {
    throw new InputError(`${file}: cannot be read as a kernelspec: ${reason(cause)}`, { cause });
  }
  if (!isJsonObject(spec)) throw new InputError(`${file}: expected a JSON object`);
  const {
    argv,
    display_name: displayName,
    language,
    env,
    metadata,
    interrupt_mode: mode,
  } = spec as Record<string, unknown>;
  if (!Array.isArray(argv) || argv.length === 0 || !argv.every((item) => typeof item === "string"))
    throw new InputError(`${file}: expected argv to be a list of texts`);
  const text = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise);
  return {
    name,
    displayName: text(displayName, name),
    language: text(language, ""),
    argv: argv.map((item: string) => item.replaceAll("{resource_dir}", folder)),
    env: isJsonObject(env)
      ? Object.fromEntries(
          Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
        )
      : {},
    interruptMode: mode === "message" ? "message" : "signal",
    metadata: isJsonObject(metadata) ? metadata : {},
  };
}
