import type { Debugger, Runtime } from "node:inspector";
import { Session } from "node:inspector/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Rendering } from "../display/render.ts";
import { doorExpression, type Door, type DoorCall } from "./door.ts";

/** What is given to a function of the door: a value as JSON has it, or one that lives on the other thread. */
export type Argument = Runtime.CallArgument;

/** Scripts of the debugger's own are known by this name, and passed over by it. */
const ownScript = "veelab:debugger";
const named = `\n//# sourceURL=${ownScript}\n`;
/** What the values belong to that evaluations answer with. */
const group = "veelab.debugger";

/** So long (ms) an evaluation may take: Node hands nothing on to that thread meanwhile, no interrupt either. */
const longest = 5000;
/** How often the door is looked for, while the other thread still starts. */
const doorMs = 5;
const common = { silent: true, objectGroup: group, timeout: longest } as const;

/** What may run the user's code, as it looks into values. */
const userCode: ReadonlySet<DoorCall> = new Set(["scope", "list", "show", "set", "render"]);

/** Something that was evaluated threw. */
class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

/** Calls that Node's declarations do not know with all that they take and give. */
interface Calls {
  post(
    method: "Runtime.evaluate",
    params: Runtime.EvaluateParameterType & {
      readonly replMode?: boolean;
      readonly throwOnSideEffect?: boolean;
      readonly timeout?: number;
      readonly disableBreaks?: boolean;
    },
  ): Promise<Runtime.EvaluateReturnType>;
  post(
    method: "Debugger.evaluateOnCallFrame",
    params: Debugger.EvaluateOnCallFrameParameterType & { readonly timeout?: number },
  ): Promise<Debugger.EvaluateOnCallFrameReturnType>;
  post(
    method: "Debugger.setInstrumentationBreakpoint",
    params: { readonly instrumentation: "beforeScriptExecution" },
  ): Promise<{ readonly breakpointId: string }>;
}

/** V8's inspector of the thread of user code, seen from another thread; it answers also where that thread is stopped. */
export class MainThread {
  readonly session: Session = new Session();
  readonly #calls = this.session as unknown as Calls;
  #door: Promise<string> | undefined;
  /** The frame in which the program stands still. */
  #frame: Debugger.CallFrameId | undefined;
  #handed = 0;

  connect(): void {
    this.session.connectToMainThread();
    this.session.on("Debugger.paused", ({ params }) => {
      this.#frame = params.callFrames[0]?.callFrameId;
    });
    this.session.on("Debugger.resumed", () => {
      this.#frame = undefined;
    });
  }

  /** Calls a function of the door, with its answer as JSON has it. */
  async call<M extends DoorCall>(method: M, ...given: readonly Argument[]): Promise<ReturnType<Door[M]>> {
    return (await this.#call(method, given, false)) as ReturnType<Door[M]>;
  }

  /** A value in all its forms, which may be waited for where the other thread is idle. */
  async render(value: Argument, idle: boolean): Promise<Rendering> {
    return (await this.#call("render", [value, { value: idle }], idle)) as Rendering;
  }

  async #call(method: DoorCall, given: readonly Argument[], awaitPromise: boolean): Promise<unknown> {
    this.#door ??= this.#find();
    const objectId = await this.#door;
    if (!userCode.has(method)) {
      const reply = await this.session.post("Runtime.callFunctionOn", {
        objectId,
        functionDeclaration: `function (...given) { return this.${method}(...given) }${named}`,
        arguments: [...given],
        returnByValue: true,
        silent: true,
      });
      return checked(reply).value;
    }
    this.#handed += 1;
    const handed = this.#handed;
    // Handing over runs none of the user's code. What may run some is evaluated: only that can be given an end.
    await this.session.post("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: `function (...given) { this.given.set(${handed}, given) }${named}`,
      arguments: [...given],
      silent: true,
    });
    const expression = `${doorExpression}.take(${JSON.stringify(method)}, ${handed})${named}`;
    const request = { expression, silent: true, returnByValue: true, timeout: longest };
    const callFrameId = this.#frame;
    if (callFrameId !== undefined)
      return (await ended(this.#calls.post("Debugger.evaluateOnCallFrame", { ...request, callFrameId }))).value;
    const answer = this.#calls.post("Runtime.evaluate", { ...request, awaitPromise, disableBreaks: true });
    return (await ended(awaitPromise ? inTime(answer) : answer)).value;
  }

  /** The other thread opens the door when it has loaded what runs cells, which may be after the first request. */
  async #find(): Promise<string> {
    const request = { expression: doorExpression + named, silent: true };
    for (;;) {
      const { result } = await this.#calls.post("Runtime.evaluate", request);
      if (result.objectId !== undefined) return result.objectId;
      await delay(doorMs);
    }
  }

  /**
   * Evaluates at the notebook's top level. Not as a cell is: that answers by a promise, which waits while the program is stopped.
   */
  async evaluate(expression: string, throwOnSideEffect = false): Promise<Runtime.RemoteObject> {
    const request = { expression: expression + named, ...common, throwOnSideEffect, disableBreaks: true };
    return await ended(this.#calls.post("Runtime.evaluate", request));
  }

  /** Declares a variable of the top level as a cell does, so that cells may declare it again. */
  declare(name: string): void {
    // Its answer would wait while the program is stopped.
    void this.#calls.post("Runtime.evaluate", { expression: `let ${name}${named}`, replMode: true });
  }

  /** Stops the program before each script; gives V8's name for that. */
  async stopBeforeScripts(): Promise<string> {
    const instrumentation = "beforeScriptExecution";
    const { breakpointId } = await this.#calls.post("Debugger.setInstrumentationBreakpoint", { instrumentation });
    return breakpointId;
  }

  /** Evaluates in a frame of the stopped program. */
  async evaluateIn(
    callFrameId: Debugger.CallFrameId,
    expression: string,
    throwOnSideEffect = false,
  ): Promise<Runtime.RemoteObject> {
    const request = { callFrameId, expression: expression + named, ...common, throwOnSideEffect };
    return await ended(this.#calls.post("Debugger.evaluateOnCallFrame", request));
  }

  /** Lets go of what evaluations have answered with, and of all values that the front end may open. */
  async release(): Promise<void> {
    await this.session.post("Runtime.releaseObjectGroup", { objectGroup: group });
    if (this.#door !== undefined) await this.call("clear");
  }
}

/** A value of the other thread, to be given to a function there. */
export function argument({ objectId, unserializableValue, value }: Runtime.RemoteObject): Argument {
  if (objectId !== undefined) return { objectId };
  return unserializableValue === undefined ? { value: value as unknown } : { unserializableValue };
}

async function ended(evaluation: Promise<Runtime.EvaluateReturnType>): Promise<Runtime.RemoteObject> {
  try {
    return checked(await evaluation);
  } catch (error) {
    // The second is what V8 says from Node 22 on where a promise was expected.
    if (!/Execution was terminated|Internal error/.test((error as Error).message)) throw error;
    throw tooLong();
  }
}

function tooLong(): EvaluationError {
  return new EvaluationError(`the evaluation took longer than ${longest / 1000} s`);
}

/** What does not wait longer for a promise than an evaluation may take, which V8 ends only while it runs. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(tooLong());
    }, longest + 1000);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What an evaluation gave; throws what it threw. */
export function checked({ result, exceptionDetails }: Runtime.EvaluateReturnType): Runtime.RemoteObject {
  if (exceptionDetails === undefined) return result;
  const { exception, text } = exceptionDetails;
  // V8 describes an error by its stack, whose first lines are its name and message.
  const [title = text] = (exception?.description ?? String(exception?.value ?? text)).split(/\n {4}at /, 1);
  throw new EvaluationError(title);
}
