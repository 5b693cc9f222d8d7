import { join } from "node:path";
import { packageRoot } from "../../package-root.ts";

/** Where the declarations of this package are, built. */
const built = join(packageRoot(), "dist", "kernel", "session");

/** The file of the types that cells have without an import. */
export const globalsPath: string = join(built, "cell-globals.d.mts");

/** The file of the types of the module `tslab`. */
export const tslabPath: string = join(built, "tslab-module.d.mts");

/** The declarations that no file on disk has, by path: what the kernel gives to cells at run time. */
export const providedTypes: ReadonlyMap<string, string> = new Map([
  [
    globalsPath,
    `import type { CommsApi } from "./comm-api.js";
import type { ShowOptions } from "./display-api.js";
import type { WidgetsApi } from "./widgets/api.js";
declare global {
  /**
   * Shows a value under the cell that calls it, in all its forms: by its own \`Symbol.for("Jupyter.display")\`, as a table, as a
   * chart, or as text. With an \`id\`, \`updateDisplay\` can replace it later, also from another cell.
   *
   * @example
   * display([1, 2, 3]);
   * display.html("<b>bold</b>");
   */
  function display(value: unknown, options?: ShowOptions): Promise<void>;
  namespace display {
    /** Shows HTML. */
    function html(text: string): void;
    /** Shows Markdown. */
    function markdown(text: string): void;
    /** Shows a formula. */
    function latex(text: string): void;
    /** Shows a picture of SVG. */
    function svg(text: string): void;
    /** Has the front end run JavaScript. */
    function javascript(text: string): void;
    /** Shows a text as it is. */
    function text(text: string): void;
    /** Shows a picture. */
    function png(bytes: Uint8Array): void;
    /** Shows a picture. */
    function jpeg(bytes: Uint8Array): void;
    /** Shows a picture. */
    function gif(bytes: Uint8Array): void;
    /** Shows a document. */
    function pdf(bytes: Uint8Array): void;
    /** Shows one form of the given MIME type; bytes become base64. */
    function raw(type: string, form: unknown): void;
  }
  /** Replaces every output that \`display\` showed under this id, in whichever cell. */
  function updateDisplay(value: unknown, options: Required<ShowOptions>): Promise<void>;
  /** Removes the outputs of the cell that calls it: at once, or with \`wait\` when the next output comes. */
  function clearOutput(options?: { readonly wait?: boolean }): void;
  /** Asks in the front end for a line of text. Fails where nobody can answer (\`veelab run\`, nbclient). */
  function input(prompt?: string): Promise<string>;
  /** Like \`input\`, but what is typed stays hidden. */
  function password(prompt?: string): Promise<string>;
  /** Like \`input\`, but waits without an \`await\`: timers stand still. An empty answer gives the initial one; one above a mebibyte is cut. */
  function prompt(message?: string, initial?: string): string;
  /**
   * Channels to the front end, with bytes beside their data. What comes is handled while a cell waits, and between cells.
   *
   * @example
   * const comm = comms.open("my-target", { hello: 1 });
   * comm.onMessage(({ data, buffers }) => console.log(data, buffers.length));
   */
  const comms: CommsApi;
  /**
   * Sliders, choices, buttons and more, which the front end shows and whose values the notebook's code reads and sets.
   *
   * @example
   * widgets.interact({ ratio: widgets.slider({ min: 0, max: 1, step: 0.1 }) }, ({ ratio }) => ratio * 2)
   */
  const widgets: WidgetsApi;
}
`,
  ],
  [
    tslabPath,
    `import type { Display, Tslab } from "./tslab.js";
export type { Display };
/** The version of tslab whose interface this is, of the language and of Node. */
export declare const versions: Tslab["versions"];
/** Shows one form under the cell that runs. */
export declare const display: Display;
/** Makes a display whose calls overwrite one output. */
export declare function newDisplay(): Display;
declare const tslab: Tslab;
export default tslab;
`,
  ],
]);
