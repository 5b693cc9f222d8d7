import type { Debugger, Runtime } from "node:inspector";
import type { JsonObject } from "../../protocol/json.ts";
import { Breakpoints } from "./breakpoints.ts";
import { Catching } from "./catching.ts";
import type { CellFiles } from "./cell-files.ts";
import { doorExpression } from "./door.ts";
import { MainThread } from "./main-thread.ts";
import { passedOver, Scripts } from "./scripts.ts";
import { Stop } from "./stop.ts";

/** What the program that is debugged is made of. */
export interface ProgramParts {
  readonly files: CellFiles;
  /** The kernel's own folder, whose scripts are nobody's business. */
  readonly folder: URL;
  /** The cells that run now: those of subshells run beside each other. */
  readonly running: () => readonly number[];
  /** Interrupts it. */
  readonly interrupt: () => Promise<void>;
  /** Sends an event. */
  readonly event: (event: string, body: JsonObject) => void;
  readonly log: (line: string) => void;
}

/** JavaScript has one; the Debug Adapter Protocol wants it to have a number. */
export const threadId = 1;

/**
 * The program that is debugged: whether it stands still, and where. V8's debugger is on only while a front end is attached: code
 * runs at full speed before and after it.
 */
export class Program {
  readonly main: MainThread = new MainThread();
  readonly scripts: Scripts;
  readonly breakpoints: Breakpoints;
  readonly parts: ProgramParts;
  readonly #catching: Catching;
  /**
   * Whether variables are told with their types. JupyterLab's panel, which knows Python's types alone, would show any other in the
   * place of the value.
   */
  showsTypes = false;
  #exceptions: "none" | "uncaught" | "all" = "none";
  /** Whether V8 holds the program, also where that is told to nobody. */
  held = false;
  #attached = false;
  #stop: Stop | undefined;
  /** What the program was last told to do, and which cells ran then. */
  #asked: { readonly what: "step" | "pause"; readonly cells: readonly number[] } | undefined;

  constructor(parts: ProgramParts) {
    this.parts = parts;
    this.scripts = new Scripts(this.main, parts.files, parts.folder);
    this.breakpoints = new Breakpoints(this.main, this.scripts);
    this.#catching = new Catching(this.main, this.scripts);
    this.main.connect();
    const { session } = this.main;
    session.on("Debugger.scriptParsed", ({ params }) => {
      this.scripts.add(params);
    });
    session.on("Debugger.paused", ({ params }) => {
      this.held = true;
      this.#paused(params).catch((error: unknown) => {
        parts.log(`debugger: ${String(error)}`);
        void this.#resume();
      });
    });
    session.on("Debugger.resumed", () => {
      this.held = false;
      if (this.#stop === undefined) return;
      this.#stop = undefined;
      this.#continued();
    });
  }

  /** Which exceptions stop the program. */
  get exceptions(): "none" | "uncaught" | "all" {
    return this.#exceptions;
  }

  /** Where the program stands still; undefined where it does not. */
  get stop(): Stop | undefined {
    return this.#stop;
  }

  async attach(): Promise<void> {
    if (this.#attached) return;
    const { session } = this.main;
    await session.post("Debugger.enable", {});
    await session.post("Debugger.setBlackboxPatterns", { patterns: passedOver(this.parts.folder) });
    await this.main.call("attach", { value: true });
    this.#attached = true;
    // A front end whose last kernel was restarted where it was stopped still shows it as stopped: what that kernel said at its end, it does not hear.
    if (this.#stop === undefined) this.#continued();
  }

  /** Switches V8's debugger off; where the program stands still it goes on. */
  async detach(): Promise<void> {
    if (this.#attached) {
      await this.main.call("attach", { value: false });
      await this.main.release();
      await this.main.session.post("Debugger.disable");
    }
    this.#attached = false;
    this.#stop = this.#asked = undefined;
    this.#exceptions = "none";
    this.breakpoints.clear();
    this.scripts.clear();
    this.#catching.clear();
  }

  /** Lets go of the other thread, which would wait for that before it ends. */
  close(): void {
    // The front end would show the next kernel as stopped, too.
    if (this.#stop !== undefined) this.#continued();
    this.#stop = undefined;
    this.main.session.disconnect();
  }

  async stopAtExceptions(which: "none" | "uncaught" | "all"): Promise<void> {
    this.needAttached();
    this.#exceptions = which;
    const { session } = this.main;
    // By them it is seen whether somebody waits for what throws, and catches it.
    await session.post("Debugger.setAsyncCallStackDepth", { maxDepth: which === "uncaught" ? 16 : 0 });
    await session.post("Debugger.setPauseOnExceptions", { state: which === "none" ? "none" : "all" });
  }

  async continue(): Promise<void> {
    this.needStop();
    this.#asked = undefined;
    // What was shown of this stop is shown no more: it would be held for as long as the front end is attached.
    await this.main.release();
    await this.#resume();
  }

  async step(way: "over" | "into" | "out"): Promise<void> {
    this.needStop();
    this.#asked = { what: "step", cells: this.parts.running() };
    await this.main.release();
    const { session } = this.main;
    if (way === "out") await session.post("Debugger.stepOut");
    else await session.post(way === "over" ? "Debugger.stepOver" : "Debugger.stepInto", {});
  }

  async pause(): Promise<void> {
    this.needAttached();
    if (this.#stop !== undefined) return;
    this.#asked = { what: "pause", cells: [] };
    await this.main.session.post("Debugger.pause");
  }

  /** Lets the stopped program end instead of going on. */
  async terminate(): Promise<void> {
    // On Node 24 no cell is answered any more once a callback outside of cells was ended so: there it goes on.
    await this.#goOn(this.parts.running().length > 0 || Number.parseInt(process.versions.node) < 24);
  }

  /** Evaluates at the notebook's top level. */
  async evaluate(code: string, throwOnSideEffect: boolean): Promise<Runtime.RemoteObject> {
    const frame = this.#stop?.params.callFrames[0];
    if (frame === undefined) return await this.main.evaluate(code, throwOnSideEffect);
    // Through a frame: V8 ends nothing else that takes too long while the program is stopped.
    const expression = `${doorExpression}.evaluate(${JSON.stringify(code)})`;
    return await this.main.evaluateIn(frame.callFrameId, expression, throwOnSideEffect);
  }

  needAttached(): void {
    if (!this.#attached) throw new Error("the debugger is not attached: expected initialize and attach before");
  }

  needStop(): Stop {
    this.needAttached();
    if (this.#stop === undefined) throw new Error("the program is not stopped");
    return this.#stop;
  }

  async #paused(params: Debugger.PausedEventDataType): Promise<void> {
    if (params.reason === "instrumentation") {
      await this.#beforeScript(params.callFrames[0]?.location.scriptId ?? "");
      return;
    }
    const { hitBreakpoints = [] } = params;
    const hit = this.breakpoints.hit(hitBreakpoints);
    const exception = params.reason === "exception" || params.reason === "promiseRejection";
    const asked = this.#asked;
    // A step out of a cell's end goes on in whatever runs next, where nobody expects it.
    const astray = asked?.what === "step" && !goesOn(asked.cells, this.parts.running());
    const caught = exception && this.#exceptions === "uncaught" && (await this.#catching.catches(params));
    const unmet = hitBreakpoints.length > 0 && asked === undefined;
    const passing = hit.length === 0 && (exception ? caught : astray || unmet);
    const stop = await Stop.read(this.main, this.scripts, params);
    if (passing || stop.frames.length === 0) {
      // Code of Node's, or what was added to a cell, is no place to pause at: the next one may be.
      if (asked?.what === "pause" && !passing) await this.main.session.post("Debugger.stepInto", {});
      else await this.#resume();
      return;
    }
    this.#asked = undefined;
    this.#stop = stop;
    const reason =
      exception || params.reason === "OOM"
        ? "exception"
        : hit.length > 0 || asked === undefined
          ? "breakpoint"
          : asked.what;
    const { exception: thrown } = stop;
    const memory = params.reason === "OOM" ? { text: "the memory is nearly full" } : {};
    const text = thrown === undefined ? memory : { text: thrown.message };
    this.parts.event("stopped", { reason, ...text, threadId, allThreadsStopped: true, hitBreakpointIds: hit });
  }

  #continued(): void {
    this.parts.event("continued", { threadId, allThreadsContinued: true });
  }

  /** V8 has stopped at the beginning of a script, so that its breakpoints can be set before it runs. */
  async #beforeScript(id: string): Promise<void> {
    const script = this.scripts.get(id);
    const changed = script === undefined ? [] : await this.breakpoints.bind(script);
    for (const breakpoint of changed) this.parts.event("breakpoint", { reason: "changed", breakpoint });
    await this.breakpoints.passScript();
    await this.#resume();
  }

  async #resume(): Promise<void> {
    // An interrupt that came meanwhile has struck nothing: V8 holds it back while the program is stopped.
    const terminateOnResume = await this.main.call("interrupted").catch(() => true); // struck itself
    await this.#goOn(terminateOnResume);
  }

  async #goOn(terminateOnResume: boolean): Promise<void> {
    try {
      await this.main.session.post("Debugger.resume", { terminateOnResume });
    } catch (error) {
      if (!(error as Error).message.includes("while paused")) throw error; // it has gone on already
    }
  }
}

/** Whether a step is still where it was asked for: in one of the cells that ran then, or outside of all. */
function goesOn(before: readonly number[], now: readonly number[]): boolean {
  return before.length === 0 ? now.length === 0 : before.some((cell) => now.includes(cell));
}
