import type { Display } from "./display/display.ts";

/** Where `veelab/kernel` finds the functions of the kernel that it runs in. */
export const displayApiKey: unique symbol = Symbol.for("veelab.kernel.display");

/** Options of `display`. */
export interface ShowOptions {
  /** Names the output, so that `updateDisplay` can replace it later, also from another cell. */
  readonly id?: string;
}

/** Shows a value under the cell that calls it. */
export type DisplayCall = (value: unknown, options?: ShowOptions) => Promise<void>;

/** What cells have as globals for their outputs. */
export interface DisplayApi {
  /** Shows a value; its methods (`display.html(…)`) show one form as it is. */
  readonly display: DisplayCall & Pick<Display, keyof Display>;
  /** Replaces every output that was shown under this name. */
  readonly updateDisplay: (value: unknown, options: Required<ShowOptions>) => Promise<void>;
  /** Removes the cell's outputs: now, or with `wait` when the next output comes. */
  readonly clearOutput: (options?: { readonly wait?: boolean }) => void;
}
