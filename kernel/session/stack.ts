import type { MappedSource, SourceIndex } from "./mapped-source.ts";
import type { SourcePosition } from "./syntax-error.ts";

/** One line of a stack, in its author's own terms. */
export interface Frame {
  /** `f (cell [3]:2:5)`: what follows `at`. */
  readonly text: string;
  /** The mapped script that it lies in, if it does, and where. */
  readonly source?: MappedSource;
  readonly position?: SourcePosition;
}

/** The folder of the kernel: its frames are not the user's business. */
const kernelUrl = new URL("../", import.meta.url).href;

/** Whether a script, by its URL or path, is Node's or the kernel's. */
export function isOurs(script: string): boolean {
  return script.startsWith("node:") || script.startsWith(kernelUrl) || `file://${script}`.startsWith(kernelUrl);
}

/** What calls a cell: all below is the kernel's. */
const evaluation = /^ *at Session\.post \(node:inspector:/m;

const atLine = /^\s*at (.*)$/;
/** `async f (url:line:column)` or `url:line:column`; neither a caller's name nor a path may be taken for the other. */
const placed = /^(?:(.*) \((.*):(\d+):(\d+)\)|(async )?(.*):(\d+):(\d+))$/;

/**
 * The frames of a stack as V8 writes it: those of cells and local modules at their own lines, those of Node and of the
 * kernel left out, and what is below the last frame with a place.
 */
function readFrames(stack: string, sources: SourceIndex): Frame[] {
  const [ofCell = ""] = stack.split(evaluation, 1);
  const frames = ofCell.split("\n").flatMap((line) => readFrame(line, sources) ?? []);
  const last = frames.findLastIndex(({ text }) => placed.test(text));
  return frames.slice(0, last + 1);
}

function readFrame(line: string, sources: SourceIndex): Frame | undefined {
  const text = atLine.exec(line)?.[1];
  if (text === undefined) return undefined;
  const match = placed.exec(text);
  if (match === null) return { text };
  const caller = match[1];
  const url = match[2] ?? match[6]!;
  if (isOurs(url)) return undefined;
  const source = sources.get(url);
  if (source === undefined) return { text };
  const position = source.position(Number(match[3] ?? match[7]), Number(match[4] ?? match[8]));
  if (position === undefined) return undefined;
  const place = `${source.name}:${position.line}:${position.column}`;
  return { text: caller === undefined ? `${match[5] ?? ""}${place}` : `${caller} (${place})`, source, position };
}

/**
 * Makes `error.stack` right in the whole process, for user code that prints it: V8 asks our function for the text of every
 * stack. Frames of the kernel stay where there is nothing else, so that its own faults can be found.
 */
export function installStackTraces(sources: SourceIndex): void {
  // The kernel's frames count towards the limit though they are not shown.
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, 40);
  Error.prepareStackTrace = (error, callSites) => {
    const stack = callSites
      .map(String)
      .map((site) => `    at ${site}`)
      .join("\n");
    const frames = readFrames(stack, sources);
    const lines = frames.length === 0 ? stack : frames.map(({ text }) => `    at ${text}`).join("\n");
    const title = titleOf(error);
    const text = lines === "" ? title : `${title}\n${lines}`;
    if (frames.length > 0) written.set(error, { text, frames });
    return text;
  };
}

/** The stacks that were written so: their text names cells as a person reads them, which is no longer a script's name. */
const written: WeakMap<Error, { text: string; frames: Frame[] }> = new WeakMap<
  Error,
  { text: string; frames: Frame[] }
>();

/** The frames of an error, whichever way its stack was written. */
export function framesOf(error: Error, sources: SourceIndex): Frame[] {
  const { stack } = error as { stack?: unknown };
  if (typeof stack !== "string") return [];
  const known = written.get(error);
  return known?.text === stack ? known.frames : readFrames(stack, sources);
}

/**
 * Puts the frames of `caller` below those of an error that does not know where it was asked for: the stack of a failed import ends
 * where the loading became asynchronous.
 */
export function continueStack(error: unknown, caller: Error, sources: SourceIndex): void {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return;
  const below = framesOf(caller, sources).filter(({ source }) => source !== undefined);
  const own = framesOf(error, sources);
  if (below.length === 0 || own.some(({ source }) => source === below.at(-1)?.source)) return;
  const frames = [...own, ...below];
  const text = [titleOf(error), ...frames.map((frame) => `    at ${frame.text}`)].join("\n");
  Object.defineProperty(error, "stack", { value: text, writable: true, configurable: true });
  written.set(error, { text, frames });
}

function titleOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error"; // a `name` or `message` that throws
  }
}
