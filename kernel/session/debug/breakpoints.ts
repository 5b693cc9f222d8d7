import { isJsonObject, showJson, type Json, type JsonObject } from "../../protocol/json.ts";
import { conditionOf } from "./conditions.ts";
import type { MainThread } from "./main-thread.ts";
import { nearest, type Script, type Scripts } from "./scripts.ts";

/** A breakpoint that a front end has asked for; lines and columns from 1. */
interface Breakpoint {
  readonly id: number;
  readonly line: number;
  readonly column: number | undefined;
  /** What else was asked for of it, as it came. */
  readonly more: JsonObject;
  /** JavaScript; the program stops where it is true, always where there is none. */
  readonly condition: string | undefined;
  /** Where it really is, once a script of its source is there. */
  actual: { readonly line: number; readonly column: number } | undefined;
  message: string;
  /** V8's names for it, one a script. */
  readonly bound: string[];
}

/** What is told of a breakpoint. */
export interface BreakpointState extends JsonObject {
  readonly id: number;
  readonly verified: boolean;
}

const notRun = "nothing of this source has been run yet";

/** The breakpoints of a debugging session, by the path of their source. */
export class Breakpoints {
  readonly #main: MainThread;
  readonly #scripts: Scripts;
  readonly #sources = new Map<string, readonly Breakpoint[]>();
  readonly #byName = new Map<string, Breakpoint>();
  #last = 0;
  /** V8's name for the stop before each script, which is there while there are breakpoints. */
  #beforeScripts: string | undefined;

  constructor(main: MainThread, scripts: Scripts) {
    this.#main = main;
    this.#scripts = scripts;
  }

  /** Replaces the breakpoints of a source. */
  async set(path: string, requested: readonly Json[]): Promise<BreakpointState[]> {
    for (const { bound } of this.#sources.get(path) ?? [])
      for (const breakpointId of bound.splice(0)) {
        this.#byName.delete(breakpointId);
        await this.#main.session.post("Debugger.removeBreakpoint", { breakpointId });
      }
    const breakpoints = requested.map((request) => this.#read(request));
    if (breakpoints.length === 0) this.#sources.delete(path);
    else this.#sources.set(path, breakpoints);
    await this.#watchScripts();
    for (const script of this.#scripts.of(path)) await this.bind(script);
    return breakpoints.map((breakpoint) => state(breakpoint, path));
  }

  /** Sets the breakpoints of a script's source in that script; gives those of which something new is known. */
  async bind(script: Script): Promise<BreakpointState[]> {
    const changed: BreakpointState[] = [];
    for (const breakpoint of this.#sources.get(script.path) ?? []) {
      const before = breakpoint.actual;
      await this.#bind(breakpoint, script);
      if (before === undefined) changed.push(state(breakpoint, script.path));
    }
    return changed;
  }

  /** Lets a script that V8 has stopped before run at full speed: the stop is taken out of it, and stands before the next ones. */
  async passScript(): Promise<void> {
    const breakpointId = this.#beforeScripts;
    if (breakpointId === undefined) return;
    await this.#main.session.post("Debugger.removeBreakpoint", { breakpointId });
    this.#beforeScripts = await this.#main.stopBeforeScripts();
  }

  /** The breakpoints by V8's names of them, at which the program has stopped. */
  hit(names: readonly string[]): number[] {
    return names.flatMap((name) => this.#byName.get(name)?.id ?? []);
  }

  /** What `debugInfo` tells. */
  list(): JsonObject[] {
    return [...this.#sources].map(([source, breakpoints]) => ({
      source,
      breakpoints: breakpoints.map(({ line, more, actual }) => ({ ...more, line: actual?.line ?? line })),
    }));
  }

  /** Forgets all; V8 has forgotten them, too. */
  clear(): void {
    this.#sources.clear();
    this.#byName.clear();
    this.#beforeScripts = undefined;
  }

  #read(request: Json): Breakpoint {
    const given = isJsonObject(request) ? request : {};
    const { line, column, condition, hitCondition, logMessage } = given;
    if (typeof line !== "number" || !Number.isSafeInteger(line) || line < 1)
      throw new TypeError(`breakpoints: expected a line >= 1, got ${showJson(line)}`);
    const id = (this.#last += 1);
    const wanted = { condition: text(condition), hitCondition: text(hitCondition), logMessage: text(logMessage) };
    const asked = Object.entries(wanted).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    return {
      id,
      line,
      column: typeof column === "number" ? column : undefined,
      more: Object.fromEntries(asked),
      condition: conditionOf(id, wanted),
      actual: undefined,
      message: notRun,
      bound: [],
    };
  }

  async #bind(breakpoint: Breakpoint, script: Script): Promise<void> {
    const { line, column, condition, bound } = breakpoint;
    const place = nearest(await this.#scripts.places(script), line - 1, column === undefined ? 0 : column - 1);
    if (place === undefined) {
      breakpoint.message = "no code at this line or after it";
      return;
    }
    breakpoint.actual = { line: place.line + 1, column: place.column + 1 };
    const location = { scriptId: script.id, ...place.script };
    try {
      const { breakpointId } = await this.#main.session.post("Debugger.setBreakpoint", {
        location,
        ...(condition === undefined ? {} : { condition }),
      });
      bound.push(breakpointId);
      this.#byName.set(breakpointId, breakpoint);
    } catch (error) {
      // Another one has the same place: where both always stop, they stop together.
      if (!(error as Error).message.includes("already exists")) throw error;
      const others = this.#sources.get(script.path) ?? [];
      const there = others.filter(
        ({ actual }) => actual?.line === place.line + 1 && actual.column === place.column + 1,
      );
      if (there.every(({ condition }) => condition === undefined)) return;
      breakpoint.actual = undefined;
      breakpoint.message = `another breakpoint is at the same place, line ${place.line + 1}`;
    }
  }

  /** V8 stops before each script while there is a breakpoint that may be in it. */
  async #watchScripts(): Promise<void> {
    if (this.#sources.size > 0 && this.#beforeScripts === undefined) {
      this.#beforeScripts = await this.#main.stopBeforeScripts();
    } else if (this.#sources.size === 0 && this.#beforeScripts !== undefined) {
      const breakpointId = this.#beforeScripts;
      this.#beforeScripts = undefined;
      await this.#main.session.post("Debugger.removeBreakpoint", { breakpointId });
    }
  }
}

function state({ id, line, actual, message }: Breakpoint, path: string): BreakpointState {
  const source = { path };
  return actual === undefined
    ? { id, verified: false, line, message, reason: message === notRun ? "pending" : "failed", source }
    : { id, verified: true, ...actual, source };
}

function text(value: Json | undefined): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}
