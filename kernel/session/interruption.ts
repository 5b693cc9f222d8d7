import { openAsyncScopes, protectImmediates } from "./async-scopes.ts";
import { framesBelow } from "./call-sites.ts";
import { latestCell, runningCells, type CellContext } from "./context.ts";
import { giveUpDrawings } from "./display/render-svg.ts";
import type { Evaluator } from "./evaluate.ts";
import { type InterruptAnswer, interruptDoor } from "./interrupt-expression.ts";
import { openLeftovers } from "./leftovers.ts";
import { isOurs } from "./stack.ts";

/** So often an interrupt steps back from code that is spared before it also lies in wait where the cell goes on. */
const patience = 5;

/** The interrupts of this thread. */
export interface Interruption {
  /** Repairs, in a callback of the event loop, what a termination has left. */
  recover(): void;
}

/**
 * Opens the door for interrupts. The function behind it is evaluated on this thread by the inspector session of the
 * other thread, at any point of the code that runs here, also inside a loop that never ends: it terminates just that
 * code. Asked for from there, a termination would strike whatever runs next, which may be another cell, or this kernel.
 *
 * @param handling - the messages of comms that are handled: an interrupt strikes them with the cells
 * @param stopped - called before each termination: it leaves queues unserved, and something must wake this thread
 */
export function openInterruption(
  evaluator: Evaluator,
  handling: ReadonlySet<CellContext>,
  stopped: () => void,
): Interruption {
  const scopes = openAsyncScopes();
  protectImmediates();
  const prepare = (): void => {
    stopped();
    scopes.forgive();
  };
  const stop = (): void => {
    prepare();
    evaluator.terminate();
  };
  const leftovers = openLeftovers(stop);
  let refused = 0;
  let latest = 0;
  /** The interrupt that has struck last. */
  const strikes = new WeakMap<CellContext, number>();
  /** What an interrupt has come upon before. */
  const met = new WeakSet<CellContext>();
  const interrupt = (number: number, cells: readonly number[], inDebugger: boolean): InterruptAnswer => {
    const targets = [
      ...runningCells().filter(({ cell }) => cells.includes(cell)),
      // What a message's handler does under a cell has that cell's number, whether it runs or not.
      ...[...handling].filter(({ cell }) => cell >= 0 || cells.includes(cell)),
    ].filter((context) => strikes.get(context) !== number);
    // Where nothing else runs, a cell that is asked for is on its way to this thread.
    if (targets.length === 0 && !inDebugger) return cells.some((cell) => cell > latestCell().cell) ? "later" : "ended";
    // The first time may be where a short script begins, and V8 has no other place in it to carry out a termination: it would abort behind it.
    const again = inDebugger || targets.every((context) => met.has(context));
    for (const context of targets) met.add(context);
    if (!again) return "later";
    refused = number === latest ? refused + 1 : 0;
    latest = number;
    const struck = inDebugger || !spared(interrupt);
    if (struck || refused > patience) {
      for (const context of targets) context.interrupted = true;
      leftovers.watch();
    }
    if (!struck) return "later";
    giveUpDrawings();
    // The other thread goes on with the program, which may be stopped anew before it ends: then it is asked for again.
    if (inDebugger) {
      prepare();
      return "stopped";
    }
    for (const context of targets) strikes.set(context, number);
    stop();
    return "done";
  };
  Object.defineProperty(globalThis, Symbol.for(interruptDoor), { value: interrupt });
  return {
    recover() {
      scopes.empty();
    },
  };
}

/**
 * Whether what was running when `caller` was called is better left whole: Node's own code, for its lists, and the kernel's where no cell has called it, which
 * may have the next cell in its hands.
 */
function spared(caller: (interrupt: number, cells: readonly number[], inDebugger: boolean) => unknown): boolean {
  const nearest = framesBelow(caller, 10);
  if (nearest.some((frame) => frame.getFunctionName() === "emitHook")) return true; // in a hook, perhaps our own
  const [innermost = ""] = scriptsOf(nearest);
  // What a cell calls to show or print is a dozen of the kernel's frames deep; the cell is below them.
  return innermost.startsWith("node:") || (isOurs(innermost) && scriptsOf(framesBelow(caller, 100)).every(isOurs));
}

/** Whose code an interrupt came between. The first frame is the inspector's evaluation; V8's own functions have no name, they belong to whoever calls them. */
function scriptsOf([, ...frames]: readonly NodeJS.CallSite[]): readonly string[] {
  return frames
    .map((frame) => (frame.isEval() ? "eval" : (frame.getScriptNameOrSourceURL() ?? "")))
    .filter((script) => script !== "");
}
