/** What becomes of a cell's type problems: nothing, a display under the cell, or an error of the cell. */
export type CheckMode = "off" | "warn" | "error";

/** The mode that a kernel starts in: `report` is `warn` in a form that only a program reads. */
export type StartMode = CheckMode | "report";

/**
 * An environment variable with the mode in which the kernel starts: for a program that runs notebooks, where nobody looks on.
 * Problems then come before the reply of their cell, so that the outputs do not depend on time.
 */
export const checkVariable = "VEELAB_CHECK_TYPES";

/** The mode that an environment asks for. Anything unknown asks for none. */
export function startMode(environment: NodeJS.ProcessEnv): StartMode | undefined {
  const mode = environment[checkVariable];
  return mode === "off" || mode === "warn" || mode === "error" || mode === "report" ? mode : undefined;
}

/** A cell without its `%check` lines. */
export interface CheckedSource {
  /** The cell with these lines blank, so that everything else stays where it is. */
  readonly code: string;
  /** The mode that holds from this cell on, if it sets one. */
  readonly mode: CheckMode | undefined;
}

/** A `%check` line that names no mode. */
class CheckLineError extends Error {
  override readonly name = "CheckLineError";
}

/** Comments that end with their line, whose lines are no `%check` lines. */
const wholeComments = /^[^\S\n]*(?:\/\*(?:(?!\*\/)[^])*\*\/[^\S\n]*)+(?:\n|$)/;

/**
 * Reads the `%check off|warn|error` lines at a cell's top, before which only blank lines and comments may stand.
 *
 * @throws CheckLineError when one of them says something else
 */
export function readCheckLine(source: string): CheckedSource {
  let mode: CheckMode | undefined;
  let code = "";
  let rest = source;
  while (rest !== "") {
    const [comment] = wholeComments.exec(rest) ?? [];
    const [line] = comment === undefined ? (/^[^\n]*\n?/.exec(rest) ?? [""]) : [comment];
    if (comment === undefined && !/^\s*(?:\/\/.*|%check\b(?!\?).*)?\s*$/.test(line)) break;
    const [, given] = /^\s*%check\b(?!\?)\s*(.*?)\s*$/.exec(line) ?? [];
    if (given !== undefined) mode = modeOf(given);
    code += given === undefined ? line : line.replace(/[^\r\n]/g, " ");
    rest = rest.slice(line.length);
  }
  return { code: code + rest, mode };
}

function modeOf(given: string): CheckMode {
  if (given === "off" || given === "warn" || given === "error") return given;
  throw new CheckLineError(`%check: expected off, warn or error, got ${given === "" ? "nothing" : given}`);
}

/** The cell without its `%check` lines, also where these are not finished yet. */
export function withoutCheckLine(source: string): string {
  try {
    return readCheckLine(source).code;
  } catch {
    return source;
  }
}
