import type { Debugger } from "node:inspector";
import { readFileSync } from "node:fs";
import { showJson, type Json, type JsonObject } from "../../protocol/json.ts";
import { list, page, sourcePath, text, whole } from "./arguments.ts";
import { Breakpoints } from "./breakpoints.ts";
import { capabilities } from "./capabilities.ts";
import { hashParameters, type CellFiles } from "./cell-files.ts";
import { MainThread } from "./main-thread.ts";
import { passedOver, Scripts } from "./scripts.ts";
import { readGlobals, Stop } from "./stop.ts";

/** What a debug adapter is made of. */
export interface AdapterParts {
  readonly files: CellFiles;
  /** The kernel's own folder, whose scripts are nobody's business. */
  readonly folder: URL;
  /** The cell that runs now. */
  readonly running: () => number | undefined;
  /** Sends an event. */
  readonly event: (event: string, body: JsonObject) => void;
  readonly log: (line: string) => void;
}

/** JavaScript has one; the Debug Adapter Protocol wants it to have a number. */
const threadId = 1;

type Command = (given: JsonObject) => JsonObject | undefined | Promise<JsonObject | undefined>;

/**
 * The Debug Adapter Protocol, spoken on one side, as V8's inspector speaks on the other. V8's debugger is on only while a front end
 * is attached: code runs at full speed before and after it.
 */
export class Adapter {
  readonly #parts: AdapterParts;
  readonly #main = new MainThread();
  readonly #scripts: Scripts;
  readonly #breakpoints: Breakpoints;
  #started = false;
  #attached = false;
  #stop: Stop | undefined;
  /** What the program was last told to do, and in which cell. */
  #asked: { readonly what: "step" | "pause"; readonly cell: number | undefined } | undefined;

  constructor(parts: AdapterParts) {
    this.#parts = parts;
    this.#scripts = new Scripts(this.#main, parts.files, parts.folder);
    this.#breakpoints = new Breakpoints(this.#main, this.#scripts);
    const { session } = this.#main;
    this.#main.connect();
    session.on("Debugger.scriptParsed", ({ params }) => {
      this.#scripts.add(params);
    });
    session.on("Debugger.paused", ({ params }) => {
      this.#paused(params).catch((error: unknown) => {
        parts.log(`debugger: ${String(error)}`);
        void this.#resume();
      });
    });
    session.on("Debugger.resumed", () => {
      if (this.#stop === undefined) return;
      this.#stop = undefined;
      parts.event("continued", { threadId, allThreadsContinued: true });
    });
  }

  /** Carries out a command. Throws where that is not possible. */
  async command(name: string, given: JsonObject): Promise<JsonObject | undefined> {
    if (!Object.hasOwn(this.#commands, name))
      throw new TypeError(`command: this debugger does not know ${showJson(name)}`);
    return await this.#commands[name]!(given);
  }

  /** Whether the program stands still. */
  get stopped(): boolean {
    return this.#stop !== undefined;
  }

  /** Lets the stopped program end instead of going on. */
  async terminate(): Promise<void> {
    await this.#main.session.post("Debugger.resume", { terminateOnResume: true });
  }

  /** Lets go of the other thread, which would wait for that before it ends. */
  close(): void {
    this.#main.session.disconnect();
  }

  readonly #commands: Readonly<Record<string, Command>> = {
    debugInfo: () => ({
      isStarted: this.#started,
      ...hashParameters,
      tmpFilePrefix: this.#parts.files.prefix,
      tmpFileSuffix: this.#parts.files.suffix,
      breakpoints: this.#breakpoints.list(),
      stoppedThreads: this.stopped ? [threadId] : [],
      richRendering: false,
      copyToGlobals: false,
      exceptionPaths: [],
    }),
    dumpCell: ({ code }) => ({ sourcePath: this.#parts.files.dump(text(code, "code")) }),
    initialize: () => {
      this.#started = true;
      this.#parts.event("initialized", {});
      return capabilities;
    },
    attach: () => this.#attach(),
    configurationDone: () => ({}),
    disconnect: () => this.#detach(),
    setBreakpoints: async (given) => {
      this.#needAttached();
      return { breakpoints: await this.#breakpoints.set(sourcePath(given), list(given["breakpoints"], "breakpoints")) };
    },
    setExceptionBreakpoints: async ({ filters }) => {
      this.#needAttached();
      const names = list(filters, "filters");
      const state = names.includes("all") ? "all" : names.includes("uncaught") ? "uncaught" : "none";
      await this.#main.session.post("Debugger.setPauseOnExceptions", { state });
      return {};
    },
    threads: () => ({ threads: [{ id: threadId, name: "main" }] }),
    stackTrace: ({ startFrame, levels }) =>
      this.#needStop().stackTrace(whole(startFrame, "startFrame", 0), whole(levels, "levels", 0)),
    scopes: ({ frameId }) => ({ scopes: this.#needStop().scopes(whole(frameId, "frameId")) }),
    variables: async (given) => {
      const reference = whole(given["variablesReference"], "variablesReference");
      const variables =
        (await this.#stop?.variables(reference, page(given))) ??
        (await this.#main.call("list", { value: reference }, { value: page(given) }));
      return { variables: variables as unknown as Json };
    },
    inspectVariables: async () => {
      if (!this.stopped) await this.#main.release();
      return { variables: (await readGlobals(this.#main)) as unknown as Json };
    },
    continue: async () => {
      this.#needStop();
      this.#asked = undefined;
      await this.#resume();
      return { allThreadsContinued: true };
    },
    next: () => this.#step("Debugger.stepOver"),
    stepIn: () => this.#step("Debugger.stepInto"),
    stepOut: () => this.#step("Debugger.stepOut"),
    pause: async () => {
      this.#needAttached();
      this.#asked = { what: "pause", cell: undefined };
      await this.#main.session.post("Debugger.pause");
      return {};
    },
    source: (given) => ({ content: this.#source(sourcePath(given)) }),
  };

  async #attach(): Promise<JsonObject> {
    this.#started = true;
    if (this.#attached) return {};
    const { session } = this.#main;
    await session.post("Debugger.enable", {});
    await session.post("Debugger.setBlackboxPatterns", { patterns: passedOver(this.#parts.folder) });
    await this.#main.call("attach", { value: true });
    this.#attached = true;
    return {};
  }

  async #detach(): Promise<JsonObject> {
    if (this.#attached) {
      await this.#main.call("attach", { value: false });
      await this.#main.release();
      await this.#main.session.post("Debugger.disable");
    }
    this.#attached = this.#started = false;
    this.#stop = this.#asked = undefined;
    this.#breakpoints.clear();
    this.#scripts.clear();
    return {};
  }

  async #paused(params: Debugger.PausedEventDataType): Promise<void> {
    if (params.reason === "instrumentation") {
      const script = this.#scripts.get(params.callFrames[0]?.location.scriptId ?? "");
      const changed = script === undefined ? [] : await this.#breakpoints.bind(script);
      for (const breakpoint of changed) this.#parts.event("breakpoint", { reason: "changed", breakpoint });
      await this.#resume();
      return;
    }
    const { hitBreakpoints = [] } = params;
    const hit = this.#breakpoints.hit(hitBreakpoints);
    const exception = params.reason === "exception" || params.reason === "promiseRejection";
    const asked = this.#asked;
    // A step out of a cell's end goes on in whatever runs next, where nobody expects it.
    const astray = asked?.what === "step" && asked.cell !== this.#parts.running();
    const stop = await Stop.read(this.#main, this.#scripts, params);
    const passing = hit.length === 0 && !exception && (astray || (hitBreakpoints.length > 0 && asked === undefined));
    if (passing || stop.frames.length === 0) {
      await this.#resume();
      return;
    }
    this.#asked = undefined;
    this.#stop = stop;
    const reason = exception ? "exception" : hit.length > 0 || asked === undefined ? "breakpoint" : asked.what;
    this.#parts.event("stopped", { reason, threadId, allThreadsStopped: true, hitBreakpointIds: hit });
  }

  async #step(method: "Debugger.stepOver" | "Debugger.stepInto" | "Debugger.stepOut"): Promise<JsonObject> {
    this.#needStop();
    this.#asked = { what: "step", cell: this.#parts.running() };
    const { session } = this.#main;
    if (method === "Debugger.stepOut") await session.post(method);
    else await session.post(method, {});
    return {};
  }

  async #resume(): Promise<void> {
    await this.#main.session.post("Debugger.resume", {});
  }

  #source(path: string): string {
    return this.#parts.files.code(path) ?? readFileSync(path, "utf8");
  }

  #needAttached(): void {
    if (!this.#attached) throw new Error("the debugger is not attached: expected initialize and attach before");
  }

  #needStop(): Stop {
    this.#needAttached();
    if (this.#stop === undefined) throw new Error("the program is not stopped");
    return this.#stop;
  }
}
