import { MagicError, type Magic, type MagicHost } from "./magic.ts";
import { runProcess } from "./run-process.ts";

const windows = process.platform === "win32";
const shell = windows ? "cmd.exe" : "/bin/sh";

/** Runs a line in the shell. A status that is not 0 is told, and fails nothing. */
export async function runCommand(line: string, host: MagicHost): Promise<void> {
  if (line === "") throw new MagicError("!: expected a command of the shell, got nothing");
  const args = windows ? ["/d", "/s", "/c", line] : ["-c", line];
  const status = await runProcess({ file: shell, args }, host);
  if (status !== 0) host.print(`!${line}: exit status ${status}\n`, "stderr");
}

const script = (name: string, file: string): Magic => ({
  summary: `runs the cell in ${name}`,
  usage: [`%%${name} [ARGUMENTS]`],
  help:
    `The lines below it are a script of ${name}, which has the arguments as $1, $2 and so on, and runs in the folder of %cd. ` +
    "What it prints comes as it is printed; an interrupt reaches it. A status that is not 0 fails the cell.",
  async run({ argument, body }, host) {
    const args = argument === "" ? [] : argument.split(/\s+/);
    const status = await runProcess({ file, args: ["-s", "--", ...args], input: body }, host);
    if (status !== 0) throw new MagicError(`%%${name}: expected exit status 0, got ${status}`);
  },
});

/** `%%bash`. */
export const bash: Magic = script("bash", "bash");
/** `%%sh`. */
export const sh: Magic = script("sh", "sh");

/** `!`, for its help. */
export const command: Pick<Magic, "summary" | "usage" | "help"> = {
  summary: "runs a line in the shell",
  usage: ["!COMMAND"],
  help:
    "Runs in the folder of %cd. What it prints comes as it is printed; an interrupt reaches it and all that it has started. It reads " +
    "nothing: its input is empty. A status that is not 0 is told, and the cell goes on. A line that is TypeScript, as `!done && next()` " +
    "is, stays TypeScript. {EXPRESSION} and $NAME are replaced by values of the notebook where they name a variable of it, also " +
    "where the line sets that name itself: a text as it is, an array with spaces between its elements. They are not quoted: in !wc '{file}' a quote of the " +
    "value's own ends the shell's. Nothing else is replaced: $HOME, {a,b} and {1..3} are the " +
    "shell's, also what is behind a backslash, and $NAME in single quotes; {{NAME}} and $$NAME stand for {NAME} and $NAME.",
};
