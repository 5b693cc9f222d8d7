/** The name of the global symbol behind which interrupts are taken. */
export const interruptDoor = "veelab.kernel.interrupt";

/**
 * What the thread of the sockets evaluates on the thread of user code to interrupt what runs.
 *
 * @param interrupt - the interrupt's number: asked again, it strikes only what it has not struck
 * @param cells - the cells and messages of comms that are to be interrupted; what has begun since then is not
 * @param stopped - a debugger has stopped the program: it ends where it would go on
 */
export function interruptExpression(interrupt: number, cells: readonly number[], stopped: boolean): string {
  return `globalThis[Symbol.for("${interruptDoor}")]?.(${interrupt}, [${cells.join()}], ${stopped})\n//# sourceURL=veelab:interrupt`;
}

/** The answer to {@link interruptExpression}: done, nothing (more) runs, to be asked again, or left to the debugger. */
export type InterruptAnswer = "done" | "ended" | "later" | "stopped";
