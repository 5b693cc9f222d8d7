import { parseArgs, type ParseArgsConfig } from "node:util";

import { InputError, reason } from "./input-error.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What a command line was parsed into. */
export type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>
>;

/**
 * Parses a subcommand's arguments.
 *
 * @throws InputError for an option that the command does not have, or one without its value: one sentence
 */
export function parseOptions<T extends Options>(command: string, args: readonly string[], options: T): Parsed<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const sentence = reason(cause).split(/\.\s/u)[0]!.replace(/\.$/u, "");
    throw new InputError(
      `${command}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)} (see ${command} --help)`,
      { cause },
    );
  }
}

/**
 * Reads the value of `--timeout`.
 *
 * @throws InputError when it is not a number of seconds above 0
 */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === "" || !(seconds > 0) || !Number.isFinite(seconds))
    throw new InputError(`--timeout: expected a number of seconds > 0, got ${JSON.stringify(text)}`);
  return seconds;
}
