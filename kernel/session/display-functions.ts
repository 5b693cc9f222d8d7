import { inspect } from "node:util";
import { displayApiKey, type DisplayApi, type ShowOptions } from "./display-api.ts";

function api(): DisplayApi | undefined {
  return Reflect.get(globalThis, displayApiKey) as DisplayApi | undefined;
}

/**
 * Shows a value under the cell that calls it, in all its forms: by its own `Symbol.for("Jupyter.display")`, as a table, as a
 * chart, or as text. In a cell it is a global, too. Outside of the kernel the value is printed.
 *
 * @returns when the output has been handed over; only charts take a while
 * @throws whatever the value's own display throws
 * @example
 * ```ts
 * import { display, updateDisplay } from "veelab/kernel";
 *
 * await display("0 of 10", { id: "progress" });
 * await updateDisplay("10 of 10", { id: "progress" });
 * ```
 */
export async function display(value: unknown, options: ShowOptions = {}): Promise<void> {
  const kernel = api();
  if (kernel === undefined) console.log(inspect(value));
  else await kernel.display(value, options);
}

/**
 * Replaces every output that {@link display} showed under this name, in whichever cell. Outside of the kernel the value is
 * printed.
 *
 * @example
 * ```ts
 * import { display, updateDisplay } from "veelab/kernel";
 *
 * await display("working", { id: "state" });
 * await updateDisplay("done", { id: "state" });
 * ```
 */
export async function updateDisplay(value: unknown, options: Required<ShowOptions>): Promise<void> {
  const kernel = api();
  if (kernel === undefined) console.log(inspect(value));
  else await kernel.updateDisplay(value, options);
}

/**
 * Removes the outputs of the cell that calls it: at once, or with `wait` when the next output comes, which does not
 * flicker. Outside of the kernel nothing happens.
 *
 * @example
 * ```ts
 * import { clearOutput, display } from "veelab/kernel";
 *
 * for (const step of [1, 2, 3]) {
 *   clearOutput({ wait: true });
 *   await display(`step ${step}`);
 * }
 * ```
 */
export function clearOutput(options: { readonly wait?: boolean } = {}): void {
  api()?.clearOutput(options);
}
