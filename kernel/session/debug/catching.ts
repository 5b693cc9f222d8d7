import type { Debugger, Runtime } from "node:inspector";
import { parseSync, type Node } from "oxc-parser";
import { children, isFunction } from "../scope.ts";
import type { MainThread } from "./main-thread.ts";
import type { Scripts } from "./scripts.ts";

/** A part of a script, by where it begins and ends. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a `catch` belongs to: it catches what is thrown in the block, but for the functions that are made there. */
interface Guarded extends Range {
  readonly functions: readonly Range[];
}

interface Text {
  readonly lines: readonly number[];
  readonly guarded: readonly Guarded[];
}

/**
 * Whether the user's code catches what is thrown where the program has stopped: V8 takes all of a cell's exceptions for caught ones, by
 * the kernel. Looked for are `try` blocks around the place in each frame, and around the `await`s that wait for it; whether a promise
 * has a handler cannot be seen.
 */
export class Catching {
  readonly #main: MainThread;
  readonly #scripts: Scripts;
  readonly #texts = new Map<string, Promise<Text>>();

  constructor(main: MainThread, scripts: Scripts) {
    this.#main = main;
    this.#scripts = scripts;
  }

  async catches({ callFrames, asyncStackTrace }: Debugger.PausedEventDataType): Promise<boolean> {
    for (const { location } of callFrames)
      if (await this.#guards(location.scriptId, location.lineNumber, location.columnNumber ?? 0)) return true;
    let waiting: Runtime.StackTrace | undefined = asyncStackTrace;
    while (waiting?.description === "await") {
      const [frame] = waiting.callFrames;
      if (frame && (await this.#guards(frame.scriptId, frame.lineNumber, frame.columnNumber))) return true;
      waiting = waiting.parent;
    }
    return false;
  }

  clear(): void {
    this.#texts.clear();
  }

  async #guards(scriptId: string, line: number, column: number): Promise<boolean> {
    if (this.#scripts.get(scriptId) === undefined) return false;
    const known = this.#texts.get(scriptId) ?? this.#read(scriptId);
    this.#texts.set(scriptId, known);
    const { lines, guarded } = await known;
    const at = (lines[line] ?? 0) + column;
    const holds = ({ start, end }: Range): boolean => start <= at && at < end;
    return guarded.some((block) => holds(block) && !block.functions.some(holds));
  }

  async #read(scriptId: string): Promise<Text> {
    const { scriptSource } = await this.#main.session.post("Debugger.getScriptSource", { scriptId });
    return { lines: lineStarts(scriptSource), guarded: guardedBlocks(scriptSource) };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The blocks of a script's `try` statements that have a `catch`. */
function guardedBlocks(code: string): Guarded[] {
  const { program } = parseSync("script.js", code, { lang: "js", sourceType: "unambiguous" });
  const found: Guarded[] = [];
  const visit = (node: Node): void => {
    if (node.type === "TryStatement" && node.handler !== null)
      found.push({ start: node.block.start, end: node.block.end, functions: functionsIn(node.block) });
    for (const child of children(node)) visit(child);
  };
  visit(program);
  return found;
}

/** The outermost functions inside of a node. */
function functionsIn(node: Node): Range[] {
  return [...children(node)].flatMap((child) =>
    isFunction(child) ? [{ start: child.start, end: child.end }] : functionsIn(child),
  );
}
