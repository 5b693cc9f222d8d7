import { parseArgs, type ParseArgsConfig } from "node:util";
import { isVeelabError, VeelabError } from "../errors.ts";
import { Interruption } from "./interruption.ts";

/** The options of a command, as Node's parseArgs takes them. */
export type Options = NonNullable<ParseArgsConfig["options"]>;

/** What a command was given. */
export type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>
>;

/** A command line that makes no sense. */
export class UsageError extends VeelabError {
  override readonly name = "UsageError";
}

/** A command: what it prints for --help, its options, and what it does; it gives the exit status. */
export interface Command<T extends Options> {
  readonly name: string;
  readonly help: string;
  readonly options: T;
  readonly run: (parsed: Parsed<T>) => Promise<number>;
}

/** The function of a command: exit status 0 done, 1 a file that cannot be read, 2 a command line that makes no sense, 130 or 143 interrupted. */
export function commandOf<const T extends Options>({
  name,
  help,
  options,
  run,
}: Command<T>): (args: readonly string[]) => Promise<number> {
  return async (args) => {
    if (args.includes("--help") || args.includes("-h")) {
      process.stdout.write(help);
      return 0;
    }
    // Who reads the output may have seen enough.
    process.stdout.on("error", ignore);
    try {
      return await run(parse(name, args, options));
    } catch (error) {
      if (error instanceof Interruption) {
        process.stderr.write(`${name}: ${error.message}\n`);
        return error.status;
      }
      if (error instanceof Error && error.name === "AbortError") return 130;
      if (isSystemError(error)) {
        process.stderr.write(`${name}: ${error.message}\n`);
        return 1;
      }
      if (!isVeelabError(error)) throw error;
      process.stderr.write(`${name}: ${error.message}\n`);
      return error.name === "TraceFormatError" ? 1 : 2;
    } finally {
      process.stdout.off("error", ignore);
    }
  };
}

const ignore = () => undefined;

/** An error of the file system or of a program that was started, which the user can do something about. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && (error as NodeJS.ErrnoException).syscall !== undefined;

/** Reads a command line; UsageError for options that there are not. */
export function parse<T extends Options>(name: string, args: readonly string[], options: T): Parsed<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const sentence = (cause as Error).message.split(/\.\s/u)[0]!.replace(/\.$/u, "");
    throw new UsageError(`${sentence.charAt(0).toLowerCase()}${sentence.slice(1)} (see ${name} --help)`, { cause });
  }
}

/** A whole number of an option. */
export function wholeNumber(option: string, text: string | undefined, least = 0): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text) || Number(text) < least)
    throw new UsageError(`--${option}: expected a whole number of at least ${least}, got ${JSON.stringify(text)}`);
  return Number(text);
}

const unitMb: Readonly<Record<string, number>> = { "": 1, MB: 1, GB: 1000, MIB: 1.048576, GIB: 1073.741824 };

/** A size in MB of an option: `4GB`, `512MB`, `512`. */
export function sizeMb(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit] = /^(\d{1,9}(?:\.\d+)?) *([A-Z]*)$/i.exec(text) ?? [];
  const size = Math.floor(Number(digits) * (unitMb[(unit ?? "?").toUpperCase()] ?? NaN));
  if (!(size >= 1)) throw new UsageError(`--${option}: expected a size as 4GB or 512MB, got ${JSON.stringify(text)}`);
  return size;
}

/** The one file of a command. */
export function onlyFile(name: string, positionals: readonly string[]): string {
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError(`expected one file, got ${positionals.length} (see ${name} --help)`);
  return file;
}
