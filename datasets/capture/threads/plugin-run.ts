import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, isAbsolute, join, resolve } from "node:path";
import { OptionError } from "../../errors.ts";
import { compileC } from "../compile.ts";
import { makeFifo, readFifo } from "../fifo.ts";
import { output } from "../output.ts";
import { recordBytes } from "../plugin/plugin-records.ts";

/** A run of a program under QEMU's user-mode translator with `plugin.c`. */
export interface PluginRun {
  /** The program, by path or by a name on the search path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Stops after so many records. */
  readonly limit: number;
  /** A folder for the plugin and its pipe. */
  readonly scratch: string;
  /** What is added to the program's environment. */
  readonly added: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string | undefined;
  readonly programOutput: "inherit" | "ignore";
  readonly signal: AbortSignal | undefined;
  readonly progress: ((records: number) => void) | undefined;
  /** Is called when the limit has ended the program. */
  readonly limited: () => void;
}

const emulator = "qemu-x86_64";
/** How files are compiled that are loaded into another program. */
export const sharedObject: readonly string[] = ["-fPIC", "-shared", "-fvisibility=hidden"];

/** A command line without the folders of the machine on which it ran. */
export const shown = (word: string): string => (isAbsolute(word) && !word.startsWith("/dev/") ? basename(word) : word);

/** What a provenance says of QEMU; OptionError where it is not there. */
export async function emulatorName(): Promise<string> {
  const version = (await output(emulator, ["--version"], "qemu-user")).split("\n")[0]!.replace(/ \(.*/, "");
  return `${version}, user mode, on ${availableParallelism()} processors`;
}

/** The program's file: QEMU does not look on the search path. */
function fileOf(program: string): string {
  const folders = program.includes("/") ? [""] : (process.env["PATH"] ?? "").split(":");
  for (const folder of folders) {
    const path = folder === "" ? resolve(program) : join(folder, program);
    try {
      accessSync(path, constants.X_OK);
    } catch {
      continue;
    }
    if (!statSync(path).isFile()) continue;
    // ELF of 64 bits for x86-64.
    const head = readFileSync(path).subarray(0, 20);
    if (head.toString("latin1", 0, 5) === "\x7fELF\x02" && head[18] === 62) return path;
    throw new OptionError("program", "a program for x86-64 (ELF), not a script", shown(program));
  }
  throw new OptionError("program", "a program that can be run", shown(program));
}

/**
 * Runs a program and gives the plugin's records as they come; a piece may end inside of one. OptionError where a tool is missing, the program is none for
 * x86-64, or it fails.
 */
export async function* pluginRecords(run: PluginRun): AsyncGenerator<Uint8Array, void> {
  const { program, limit, scratch, signal } = run;
  const file = fileOf(program);
  const plugin = join(scratch, "plugin.so");
  await compileC("threads/plugin.c", plugin, sharedObject);
  const pipe = join(scratch, "records");
  makeFifo(pipe);
  const own = [...Object.entries(run.added).flatMap(([name, value]) => ["-E", `${name}=${value}`]), "-0", program];
  const child = spawn(emulator, [...own, "-plugin", `${plugin},pipe=${pipe},limit=${limit}`, file, ...run.args], {
    stdio: ["inherit", run.programOutput, run.programOutput],
    env: run.environment,
    ...(run.folder === undefined ? {} : { cwd: run.folder }),
    ...(signal === undefined ? {} : { signal }),
  });
  const exit = once(child, "exit") as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  // A failure to start or an abort ends the reading below; it is reported where the exit is awaited.
  const state = { ended: false };
  exit.then(
    () => (state.ended = true),
    () => (state.ended = true),
  );
  try {
    let taken = 0;
    for await (const bytes of readFifo(pipe, () => state.ended, 1 << 20)) {
      taken += bytes.length;
      yield bytes;
      run.progress?.(Math.floor(taken / recordBytes));
      if (taken >= recordBytes * limit) break;
    }
    if (taken >= recordBytes * limit && !state.ended) {
      child.kill("SIGKILL");
      await exit;
      run.limited();
      return;
    }
    const [status, killed] = await exit;
    if (status !== 0)
      throw new OptionError("program", `${shown(program)} to end with status 0`, killed ?? `status ${status}`);
  } finally {
    child.kill("SIGKILL");
    // What it wrote is gone with the folder, so it must have ended before.
    await exit.catch(() => undefined);
  }
}
