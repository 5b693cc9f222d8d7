import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { kernelArgv } from "../argv.ts";
import { isJsonObject, type Json } from "../protocol/json.ts";
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
}

/** The kernel of this package, started with the Node that runs now: it need not be installed. */
export function ownKernel(): KernelSpec {
  return {
    name: "veelab",
    displayName: "TypeScript (veelab)",
    language: "typescript",
    argv: kernelArgv("{connection_file}"),
    env: {},
    interruptMode: "message",
  };
}

/**
 * A kernel by its name: this package's own (`veelab`), or one that is installed for Jupyter.
 *
 * @throws InputError when none has this name (with the names that there are) or its `kernel.json` is damaged
 */
export async function findKernel(name: string): Promise<KernelSpec> {
  if (name === "veelab") return ownKernel();
  const found = new Set(["veelab"]);
  for (const folder of kernelFolders()) {
    const names = await readdir(folder).catch(() => []);
    for (const each of names) {
      if (each.toLowerCase() === name.toLowerCase()) return readSpec(each, join(folder, each, "kernel.json"));
      found.add(each);
    }
  }
  throw new InputError(`--kernel: expected an installed kernel (${[...found].sort().join(", ")}), got ${name}`);
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

async function readSpec(name: string, file: string): Promise<KernelSpec> {
  let spec: Json;
  try {
    spec = JSON.parse(await readFile(file, "utf8")) as Json;
  } catch (cause) {
    throw new InputError(`${file}: cannot be read as a kernelspec: ${reason(cause)}`, { cause });
  }
  if (!isJsonObject(spec)) throw new InputError(`${file}: expected a JSON object`);
  const { argv, display_name: displayName, language, env, interrupt_mode: mode } = spec as Record<string, unknown>;
  if (!Array.isArray(argv) || argv.length === 0 || !argv.every((item) => typeof item === "string"))
    throw new InputError(`${file}: expected argv to be a list of texts`);
  const text = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise);
  return {
    name,
    displayName: text(displayName, name),
    language: text(language, ""),
    argv,
    env: isJsonObject(env)
      ? Object.fromEntries(
          Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
        )
      : {},
    interruptMode: mode === "message" ? "message" : "signal",
  };
}
