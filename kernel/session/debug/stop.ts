import type { Debugger, Runtime } from "node:inspector";
import type { JsonObject } from "../../protocol/json.ts";
import { firstValueReference } from "./door.ts";
import { argument, checked, type MainThread } from "./main-thread.ts";
import type { Script, Scripts } from "./scripts.ts";
import type { Page, Variable } from "./variables.ts";

/** A frame of the user's code. */
export interface Frame {
  readonly id: number;
  readonly call: Debugger.CallFrame;
  readonly script: Script;
  /** In what was written, from 1. */
  readonly line: number;
  readonly column: number;
}

/** An exception that has stopped the program. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** Variables that are shown together. */
interface Scope {
  readonly name: string;
  readonly hint?: "locals" | "globals" | "arguments";
  readonly frame?: Frame;
  /** V8's scopes that it is made of, inner before outer, with their place in the frame's chain. */
  readonly parts: readonly { readonly scope: Debugger.Scope; readonly at: number }[];
}

/** Scopes of V8 that are parts of what a function's author calls its local variables. */
const local: ReadonlySet<string> = new Set(["local", "block", "catch", "with"]);
const titles: Readonly<Record<string, string>> = { closure: "Closure", module: "Module", eval: "Eval" };

let lastReference = 0;
let lastFrame = 0;

/** A number for a scope; they are used again after a million. */
function nextReference(): number {
  lastReference = (lastReference % (firstValueReference - 1)) + 1;
  return lastReference;
}

/** The program where it stands still: its frames, their scopes and variables. */
export class Stop {
  readonly params: Debugger.PausedEventDataType;
  readonly frames: readonly Frame[];
  readonly #main: MainThread;
  readonly #scopes = new Map<number, Scope>();

  private constructor(main: MainThread, params: Debugger.PausedEventDataType, frames: readonly Frame[]) {
    this.#main = main;
    this.params = params;
    this.frames = frames;
  }

  /** Reads the frames of a stop: those of the user's scripts, each where it was written. */
  static async read(main: MainThread, scripts: Scripts, params: Debugger.PausedEventDataType): Promise<Stop> {
    const frames: Frame[] = [];
    for (const call of params.callFrames) {
      const { scriptId, lineNumber, columnNumber = 0 } = call.location;
      const script = scripts.get(scriptId);
      if (script === undefined) continue;
      const [line = -1, column = -1] = await scripts.positions(script, [lineNumber, columnNumber]);
      if (line < 0) continue; // what was added to the script
      lastFrame += 1;
      frames.push({ id: lastFrame, call, script, line: line + 1, column: column + 1 });
    }
    return new Stop(main, params, frames);
  }

  /** What was thrown, where that has stopped the program. */
  get exception(): Thrown | undefined {
    const { reason, data } = this.params;
    if (reason !== "exception" && reason !== "promiseRejection") return undefined;
    const thrown = data as Runtime.RemoteObject | undefined;
    const stack = thrown?.description ?? String(thrown?.value);
    const [message = stack] = stack.split(/\n {4}at /, 1);
    return { name: thrown?.className ?? thrown?.type ?? "Error", message, stack };
  }

  /** The frame that a scope is one of. */
  frameOf(reference: number): Frame | undefined {
    const scope = this.#scopes.get(reference);
    return scope === undefined ? this.frames[0] : scope.frame;
  }

  frame(id: number): Frame {
    const found = this.frames.find((frame) => frame.id === id);
    if (found === undefined) throw new RangeError(`frameId: expected a frame of this stop of the program, got ${id}`);
    return found;
  }

  stackTrace(start: number, levels: number): JsonObject {
    const frames = this.frames.slice(start, levels > 0 ? start + levels : undefined);
    return {
      stackFrames: frames.map(({ id, call, script, line, column }) => ({
        id,
        name: call.functionName === "" ? (isTopLevel(call) ? script.name : "(anonymous)") : call.functionName,
        line,
        column,
        source: { name: script.name, path: script.path, sourceReference: 0 },
        ...(script.foreign ? { presentationHint: "subtle" } : {}),
      })),
      totalFrames: this.frames.length,
    };
  }

  /** The scopes of a frame: first its own variables, then those around it, and at last the notebook's. */
  scopes(id: number): JsonObject[] {
    const frame = this.frame(id);
    const own: Scope["parts"][number][] = [];
    const outer: Scope[] = [];
    let inside = true;
    frame.call.scopeChain.forEach((scope, at) => {
      const { type, name = "" } = scope;
      if (type === "script" || type === "global") return;
      if (inside && local.has(type)) own.push({ scope, at });
      else
        outer.push({
          name: `${titles[type] ?? "Block"}${name === "" ? "" : ` (${name})`}`,
          frame,
          parts: [{ scope, at }],
        });
      if (!local.has(type) || type === "local") inside = false;
    });
    const locals: Scope[] = own.length === 0 ? [] : [{ name: "Locals", hint: "locals", frame, parts: own }];
    return [...locals, ...outer, globals].map((scope) => {
      const variablesReference = nextReference();
      this.#scopes.set(variablesReference, scope);
      const { name, hint } = scope;
      return { name, variablesReference, expensive: false, ...(hint === undefined ? {} : { presentationHint: hint }) };
    });
  }

  /** The variables of a scope; undefined where the reference is that of a value. */
  async variables(reference: number, page: Page): Promise<readonly Variable[] | undefined> {
    const scope = this.#scopes.get(reference);
    if (scope === undefined) return undefined;
    const { frame, parts } = scope;
    if (frame === undefined) return cut(await readGlobals(this.#main), page);
    const names = new Set<string>();
    for (const { scope } of parts) for (const name of await this.#names(scope)) names.add(name);
    if (scope.hint === "locals" && frame.call.this.type !== "undefined") names.add("this");
    const shown = [...names];
    const read = await this.#main.evaluateIn(frame.call.callFrameId, readings(shown));
    const variables = await this.#main.call("scope", { value: shown }, argument(read));
    const { returnValue } = frame.call;
    if (scope.hint !== "locals" || returnValue === undefined) return cut(variables, page);
    return cut([await this.#main.call("show", { value: "(return)" }, argument(returnValue)), ...variables], page);
  }

  /** Sets a variable of a scope; false where the reference is that of a value. */
  async setVariable(reference: number, name: string, value: Runtime.RemoteObject): Promise<boolean> {
    const scope = this.#scopes.get(reference);
    if (scope === undefined) return false;
    const { frame, parts } = scope;
    if (frame === undefined) {
      await setGlobal(this.#main, name, value);
      return true;
    }
    for (const { scope, at } of parts) {
      if (!(await this.#names(scope)).includes(name)) continue;
      await this.#main.session.post("Debugger.setVariableValue", {
        scopeNumber: at,
        variableName: name,
        newValue: argument(value),
        callFrameId: frame.call.callFrameId,
      });
      return true;
    }
    throw new RangeError(`name: expected a variable of this scope, got ${name}`);
  }

  async #names({ object }: Debugger.Scope): Promise<readonly string[]> {
    return await this.#main.call("names", argument(object));
  }
}

const globals: Scope = { name: "Globals", hint: "globals", parts: [] };

/** The notebook's variables: those of its cells' top level. */
export async function readGlobals(main: MainThread): Promise<readonly Variable[]> {
  const { names } = await main.session.post("Runtime.globalLexicalScopeNames", {});
  const shown = [...new Set(names)];
  const read = await main.evaluate(readings(shown));
  return await main.call("scope", { value: shown }, argument(read));
}

/** Sets a variable of the top level, which is declared where it is not yet. */
export async function setGlobal(main: MainThread, name: string, value: Runtime.RemoteObject): Promise<void> {
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name))
    throw new TypeError(`name: expected the name of a variable, got ${JSON.stringify(name)}`);
  const { names } = await main.session.post("Runtime.globalLexicalScopeNames", {});
  if (!names.includes(name)) main.declare(name);
  const set = await main.evaluate(`(value) => { "use strict"; ${name} = value }`);
  if (set.objectId === undefined) throw new Error("a function has no identity");
  const { objectId } = set;
  const reply = await main.session.post("Runtime.callFunctionOn", {
    objectId,
    functionDeclaration: "function (value) { this(value) }\n//# sourceURL=veelab:debugger\n",
    arguments: [argument(value)],
    silent: true,
  });
  checked(reply);
}

/** An expression that reads variables, each by itself: one whose declaration has not been run throws. */
function readings(names: readonly string[]): string {
  return `[${names.map((name) => `(() => { try { return { value: ${name} } } catch {} })()`).join(", ")}]`;
}

/** Whether a frame is a script's own code, not a function's. */
function isTopLevel({ functionLocation, scopeChain }: Debugger.CallFrame): boolean {
  const { lineNumber, columnNumber = 0 } = functionLocation ?? { lineNumber: 0 };
  // A CommonJS module is a function around the whole script.
  return (lineNumber === 0 && columnNumber <= 0) || !scopeChain.some(({ type }) => type === "local");
}

function cut(variables: readonly Variable[], { filter, start = 0, count = 0 }: Page): readonly Variable[] {
  if (filter === "indexed") return [];
  return count > 0 || start > 0 ? variables.slice(start, count > 0 ? start + count : undefined) : variables;
}
