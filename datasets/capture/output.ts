import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { OptionError } from "../errors.ts";

const run = promisify(execFile);

/**
 * Runs a program and gives what it printed.
 *
 * Throws OptionError naming the Debian package when the program is not there, and with its last words when it fails.
 */
export async function output(command: string, args: readonly string[], debian: string, cwd?: string): Promise<string> {
  try {
    const { stdout } = await run(command, args, {
      encoding: "utf8",
      maxBuffer: 1 << 26,
      ...(cwd === undefined ? {} : { cwd }),
    });
    return stdout;
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: string };
    if (code === "ENOENT")
      throw new OptionError(command, `the program ${command} on the path (Debian: apt-get install ${debian})`, "none");
    const words = (stderr ?? "").trim().split("\n").at(-1);
    throw new OptionError(
      command,
      `${command} ${args[0] ?? ""} to succeed`,
      words === "" ? `status ${String(code)}` : words,
    );
  }
}
