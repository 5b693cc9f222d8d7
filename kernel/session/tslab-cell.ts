/** What tslab reads in the comments above a cell. */
export interface TslabCell {
  /** The cell is the text of a module of this name, which cells import as `./name`; it is not run itself. */
  readonly module: string | undefined;
  /** The cell is for a browser: tslab runs it nowhere. */
  readonly browser: boolean;
  /** It has JSX, which becomes calls of `React.createElement`. */
  readonly jsx: boolean;
}

/** Blank space and comments. */
const above = /^(?:\s+|\/\/[^\n]*|\/\*(?:(?!\*\/)[^])*\*\/)*/;

/**
 * The tags `@module name`, `@browser`, `@node` and `@jsx` in the doc comments above a cell; nothing where there are none.
 *
 * @example `readTslabCell("/** @module colors *\/ export const red = 1;")?.module` is `"colors"`
 */
export function readTslabCell(source: string): TslabCell | undefined {
  const [comments = ""] = above.exec(source) ?? [];
  const docs = comments.match(/\/\*\*(?:(?!\*\/)[^])*\*\//g)?.join("\n") ?? "";
  let [module, browser, jsx]: [string | undefined, boolean, boolean] = [undefined, false, false];
  for (const [, tag, text = ""] of docs.matchAll(/(?:^|\*)[^\S\n]*@(module|browser|node|jsx)\b[^\S\n]*([^\n*]*)/gm)) {
    if (tag === "module") module = /^\w+$/.test(text.trim()) ? text.trim() : module;
    else if (tag === "jsx") jsx = true;
    else browser = tag === "browser";
  }
  return module === undefined && !browser && !jsx ? undefined : { module, browser, jsx };
}

/** What is said under a cell for a browser. */
export const browserNotice =
  "veelab: a cell of @browser is run nowhere, as in tslab; display.javascript(…) has the front end run JavaScript\n";
