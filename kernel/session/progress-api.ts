/**
 * Where code finds the progress bars of the kernel that it runs in. The key is the whole agreement: a library that shows
 * its progress imports no kernel, and where no kernel is, nothing stands there.
 */
export const progressApiKey: unique symbol = Symbol.for("veelab.progress");

/** What a progress bar is made of. */
export interface ProgressOptions {
  /** How many steps there will be; left out where nobody knows. */
  readonly total?: number;
  /** What is being done, in a word or two. */
  readonly label?: string;
}

/** A bar that moves in place under the cell that opened it. */
export interface ProgressBar {
  /** Says how many steps are done, and what comes now. */
  update(done: number, note?: string): void;
  /** One step more, or several. */
  advance(steps?: number, note?: string): void;
  /** Takes the bar away; it goes by itself when all steps are done. */
  end(): void;
}

/** Opens a progress bar; the function that stands under {@link progressApiKey}. */
export type OpenProgress = (options: ProgressOptions) => ProgressBar;
