/**
 * The module that a cell's `import * as tslab from "tslab"` gives, so that notebooks written for the tslab kernel run unchanged.
 *
 * @module
 */
import { createUpdatingDisplay, createDisplay, type Display as AnyDisplay } from "./display/display.ts";
import type { DisplayPublisher } from "./display/publisher.ts";

/** tslab's display functions (its version 1.0.22): each shows one form under the cell that runs. */
export interface Display {
  readonly javascript: (s: string) => void;
  readonly html: (s: string) => void;
  readonly markdown: (s: string) => void;
  readonly latex: (s: string) => void;
  readonly svg: (s: string) => void;
  readonly png: (b: Uint8Array) => void;
  readonly jpeg: (b: Uint8Array) => void;
  readonly gif: (b: Uint8Array) => void;
  readonly pdf: (b: Uint8Array) => void;
  readonly text: (s: string) => void;
  readonly raw: (contentType: string, b: string | Uint8Array) => void;
}

/** What tslab exports. */
export interface Tslab {
  /** The version of tslab whose interface this is, of the language and of Node. */
  readonly versions: { readonly tslab: string; readonly typescript: string; readonly node: string };
  readonly display: Display;
  /** A display whose calls overwrite one output. */
  newDisplay(): Display;
}

/** Makes tslab's module on our own display. */
export function createTslab(publisher: DisplayPublisher, { directory }: { readonly directory: string }): Tslab {
  return {
    // tslab's own compiler is not here; 5.0.4 is the language that its notebooks were written for.
    versions: { tslab: "1.0.22", typescript: "5.0.4", node: process.version },
    display: methods(createDisplay(publisher, { directory })),
    newDisplay: () => methods(createUpdatingDisplay(publisher, { directory })),
  };
}

function methods({ javascript, html, markdown, latex, svg, png, jpeg, gif, pdf, text, raw }: AnyDisplay): Display {
  return { javascript, html, markdown, latex, svg, png, jpeg, gif, pdf, text, raw };
}
