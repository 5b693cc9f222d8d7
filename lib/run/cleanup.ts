/** What a sweep has to undo, the last thing first, once: when it has ended, or at its signal. */
export interface Cleanup {
  /** Adds what is to be undone; where that has begun, it is undone after the others. */
  readonly add: (undo: () => void | Promise<void>) => void;
  /** Undoes everything; what fails is told by a warning, since how the sweep ended matters more. */
  readonly run: () => Promise<void>;
}

/**
 * A cleanup that the signal also begins: a notebook's interrupt ends the code of its cell wherever that waits, so a `finally` there
 * may never be reached. It begins in the turn after the signal's, since that one ends with what the signal has woken of the cell.
 */
export function cleanup(signal: AbortSignal): Cleanup {
  const undos: (() => void | Promise<void>)[] = [];
  let running: Promise<void> | undefined;
  const undoAll = async (): Promise<void> => {
    for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await tolerating(undo);
  };
  const run = (): Promise<void> => (running ??= undoAll());
  const runLater = (): void => {
    setImmediate(() => void run());
  };
  signal.addEventListener("abort", runLater, { once: true });
  return {
    add(undo) {
      if (running === undefined) undos.push(undo);
      else running = running.then(() => tolerating(undo));
    },
    run,
  };
}

async function tolerating(undo: () => void | Promise<void>): Promise<void> {
  try {
    await undo();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error.message : String(error), "sweep");
  }
}
