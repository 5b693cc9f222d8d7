import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";

import { kernelArgv } from "./argv.ts";
import { parseOptions } from "./run/arguments.ts";
import { InputError, reason } from "./run/input-error.ts";
import { writeFileAtomic } from "./run/write-file-atomic.ts";

const HELP = `Usage: veelab install [options]

Makes the kernel known to Jupyter: JupyterLab, Notebook, VS Code, nbconvert and every other client then find it.

  --user           for this user (the default)
  --sys-prefix     for the Python environment that is active (VIRTUAL_ENV or CONDA_PREFIX)
  --prefix DIR     under DIR/share/jupyter/kernels
  --name NAME      the kernel's name (default: veelab)
  --display-name T what front ends show (default: TypeScript (veelab))
  --help           print this
`;

const OPTIONS = {
  user: { type: "boolean" },
  "sys-prefix": { type: "boolean" },
  prefix: { type: "string" },
  name: { type: "string" },
  "display-name": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * `veelab install`: writes the kernelspec, so that Jupyter's clients find this kernel.
 *
 * @param args - the arguments after `install`
 * @returns the exit status
 * @throws InputError for arguments that make no sense, and where the folder cannot be written
 */
export async function install(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions("veelab install", args, OPTIONS);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length > 0)
    throw new InputError(`veelab install: expected options only, got ${JSON.stringify(positionals[0])}`);
  const places = [values.user === true, values["sys-prefix"] === true, values.prefix !== undefined];
  if (places.filter(Boolean).length > 1)
    throw new InputError("veelab install: expected one of --user, --sys-prefix and --prefix, got several");
  const name = checkName(values.name ?? "veelab");
  const folder = join(kernelsFolder(values.prefix, values["sys-prefix"] === true), name);
  try {
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(join(folder, "kernel.json"), kernelJson(values["display-name"] ?? "TypeScript (veelab)"));
  } catch (cause) {
    throw new InputError(`veelab install: ${folder} cannot be written (${reason(cause)})`, { cause });
  }
  process.stdout.write(`The kernel ${name} is installed in ${folder}\n`);
  return 0;
}

/** The kernelspec: how Jupyter starts and interrupts the kernel. */
function kernelJson(displayName: string): string {
  const spec = {
    argv: kernelArgv("{connection_file}"),
    display_name: displayName,
    language: "typescript",
    interrupt_mode: "message",
    metadata: { debugger: true },
  };
  return `${JSON.stringify(spec, undefined, 2)}\n`;
}

/** Jupyter takes names of ASCII letters, digits, `-`, `.` and `_`, and finds them without regard to case. */
function checkName(name: string): string {
  if (/^[a-z0-9._-]+$/i.test(name) && !/^\.+$/.test(name)) return name;
  throw new InputError(`--name: expected letters, digits, "-", "." and "_", got ${JSON.stringify(name)}`);
}

function kernelsFolder(prefix: string | undefined, systemPrefix: boolean): string {
  if (prefix !== undefined) {
    if (prefix === "") throw new InputError("--prefix: expected a folder, got an empty text");
    return join(resolve(prefix), "share", "jupyter", "kernels");
  }
  return systemPrefix ? join(environment(), "share", "jupyter", "kernels") : join(userData(), "kernels");
}

/** Python's `sys.prefix` of the active environment. */
function environment(): string {
  const { VIRTUAL_ENV: virtual, CONDA_PREFIX: conda } = process.env;
  const found = [virtual, conda].find((folder) => folder !== undefined && folder !== "" && existsSync(folder));
  if (found !== undefined) return found;
  throw new InputError("--sys-prefix: expected an active Python environment (VIRTUAL_ENV or CONDA_PREFIX), found none");
}

/** Where Jupyter keeps a user's data. */
function userData(): string {
  const { JUPYTER_DATA_DIR: chosen, APPDATA: appData, XDG_DATA_HOME: xdg } = process.env;
  if (chosen !== undefined && chosen !== "") return chosen;
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (process.platform === "win32") return join(appData ?? join(homedir(), "AppData", "Roaming"), "jupyter");
  return join(xdg !== undefined && xdg !== "" ? xdg : join(homedir(), ".local", "share"), "jupyter");
}
