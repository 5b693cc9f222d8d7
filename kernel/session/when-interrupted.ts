import { beforeAnyCell, cellStorage, currentCell } from "./context.ts";

/** Where code finds how to be told of an interrupt. As with progress bars, the key is the whole agreement. */
const whenInterruptedKey = Symbol.for("veelab.when-interrupted");

/** Has a function called when the cell that runs now is interrupted, for what it has started in other threads; gives what takes that back. */
type WhenInterrupted = (tell: () => void) => () => void;

/** Gives libraries the way to end, with an interrupted cell, what the interrupt cannot reach. */
export function installWhenInterrupted(): void {
  const whenInterrupted: WhenInterrupted = (tell) => {
    const cell = currentCell();
    const ended = (): void => {
      // Outside of the cell, where what it takes to cancel may go on.
      if (cell.interrupted) cellStorage.run(beforeAnyCell, tell);
    };
    cell.whenEnded.add(ended);
    return () => cell.whenEnded.delete(ended);
  };
  Object.defineProperty(globalThis, whenInterruptedKey, { value: whenInterrupted });
}
