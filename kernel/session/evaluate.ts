import { Session, type Runtime } from "node:inspector";
import { promiseHooks } from "node:v8";

/** How an evaluation ended. */
export type Evaluation =
  | { readonly end: "value"; readonly value: unknown }
  | { readonly end: "thrown"; readonly value: unknown }
  /** V8 stopped it: `Runtime.terminateExecution`. */
  | { readonly end: "terminated" };

/**
 * From Node 22 on, V8 tells of an evaluation whose promise is collected while it collects, when no JavaScript may run: it aborts. That is one that waits for
 * what nobody can settle any more, or one that was terminated after an await.
 */
const abortsWithPromises = Number.parseInt(process.versions.node) >= 22;

/**
 * Milliseconds, thirty years: no evaluation ends by it. But V8 then takes back, where the code returns or throws, a termination that it has not carried
 * out; its inspector, which would make promises next, aborts under one.
 */
const timeout = 1e12;

const cellGroup = "veelab.cell";
/** Named as a script of Node's, so that stacks leave it out. */
const callSlot = "function () { this.value() }\n//# sourceURL=node:veelab\n";

/**
 * V8's own REPL, as an inspector session that this thread opens on itself: top-level await, redeclaration, closures
 * that see later assignments. The calls are synchronous up to the first await of the code.
 */
export class Evaluator {
  #session = new Session();
  readonly #slot: { value: unknown } = { value: undefined };
  #slotId: string;
  /** The promises of evaluations that have not ended, where these must not be collected. */
  readonly #held = new Set<Promise<unknown>>();
  /** Whether a debugger may stop the program where code throws: V8 reads it when an evaluation begins. */
  stopsAtExceptions = false;

  constructor() {
    this.#slotId = this.#connect();
  }

  /**
   * Forgets the evaluations that were terminated: of some, V8 would tell at a time when that aborts (Node 22). No other one may be going on, and
   * no call of this session's.
   */
  renew(): void {
    if (!abortsWithPromises) return;
    this.#session.disconnect();
    this.#session = new Session();
    this.#slotId = this.#connect();
    this.#held.clear();
  }

  #connect(): string {
    this.#session.connect();
    // The slot is how a value leaves the inspector: it hands out identities, never values.
    const name = Symbol.for("veelab.kernel.slot");
    const global = globalThis as Record<symbol, unknown>;
    global[name] = this.#slot;
    let id: string | undefined;
    this.#session.post(
      "Runtime.evaluate",
      { expression: 'globalThis[Symbol.for("veelab.kernel.slot")]' },
      (_, reply) => {
        id = reply.result.objectId;
      },
    );
    Reflect.deleteProperty(globalThis, name);
    if (id === undefined) throw new Error("the inspector did not answer; is it disabled in this Node?");
    return id;
  }

  /**
   * Evaluates code at the top level of the notebook; `done` is called once, or never when the code is terminated
   * after an await or waits for what never comes.
   */
  evaluate(code: string, done: (evaluation: Evaluation) => void): void {
    if (!abortsWithPromises) {
      this.#evaluate(code, done);
      return;
    }
    let own: Promise<unknown> | undefined;
    // The first promise that the evaluation makes is its own.
    const stop = promiseHooks.onInit((promise) => {
      if (own !== undefined) return;
      own = promise;
      this.#held.add(promise);
    }) as () => void;
    this.#evaluate(code, (evaluation) => {
      if (own !== undefined) this.#held.delete(own);
      done(evaluation);
    });
    stop();
  }

  #evaluate(code: string, done: (evaluation: Evaluation) => void): void {
    this.#session.post(
      "Runtime.evaluate",
      {
        expression: code,
        replMode: true,
        awaitPromise: true,
        objectGroup: cellGroup,
        silent: !this.stopsAtExceptions,
        timeout,
      },
      (error: Error | null, reply?: object) => {
        if (error !== null || reply === undefined) {
          done({ end: "terminated" });
          return;
        }
        const { result, exceptionDetails } = reply as Runtime.EvaluateReturnType;
        if (exceptionDetails === undefined) done({ end: "value", value: this.#take(result) });
        else if (exceptionDetails.exception === undefined) done({ end: "terminated" });
        else done({ end: "thrown", value: this.#take(exceptionDetails.exception) });
      },
    );
  }

  /**
   * Calls a function that throws nothing, so that its termination ends here and not in Node's own code that has called the caller.
   * `done` is told whether it was terminated.
   */
  call(run: () => void, done: (terminated: boolean) => void): void {
    this.#slot.value = run;
    this.#session.post(
      "Runtime.callFunctionOn",
      { objectId: this.#slotId, functionDeclaration: callSlot, silent: true },
      (error: Error | null) => {
        done(error !== null);
      },
    );
  }

  /** Lets go of the values that evaluations answered with. */
  release(): void {
    this.#session.post("Runtime.releaseObjectGroup", { objectGroup: cellGroup });
  }

  /** Stops whatever JavaScript this thread runs, as soon as it reaches a call or a loop's end. */
  terminate(): void {
    const refusals: Error[] = [];
    this.#session.post("Runtime.terminateExecution", (error) => {
      if (error !== null) refusals.push(error);
    });
    if (refusals.length === 0) return;
    // V8 takes no other one before it has counted as done one that came too late and was taken back: another evaluation does that.
    this.#session.post("Runtime.evaluate", { expression: "for (;;);", silent: true, timeout: 1 });
    this.#session.post("Runtime.terminateExecution");
  }

  #take(remote: Runtime.RemoteObject): unknown {
    const { type, objectId, unserializableValue } = remote;
    if (type === "undefined") return undefined;
    // A primitive value came as itself; a way back through the slot would take seconds for a text of 100 MB.
    if (objectId === undefined && unserializableValue === undefined) return remote.value as unknown;
    const argument = objectId !== undefined ? { objectId } : { unserializableValue };
    this.#session.post("Runtime.callFunctionOn", {
      objectId: this.#slotId,
      functionDeclaration: "function (value) { this.value = value }\n//# sourceURL=node:veelab\n",
      arguments: [argument],
      silent: true,
    });
    const { value } = this.#slot;
    this.#slot.value = undefined;
    return value;
  }
}
