/**
 * The key under which an object says how it is shown in a notebook: a method that returns its MIME bundle. It is the
 * protocol of the Deno kernel; an object that has it needs no kernel to be imported.
 *
 * @example
 * ```ts
 * import { DISPLAY } from "veelab";
 *
 * const greeting = { [DISPLAY]: () => ({ "text/plain": "hello", "text/html": "<b>hello</b>" }) };
 * console.log(greeting[DISPLAY]()["text/plain"]); // hello
 * ```
 */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");
