/** A formula in a Markdown text. */
export interface Formula {
  /** With its delimiters. */
  readonly raw: string;
  readonly tex: string;
  /** Whether it stands on lines of its own. */
  readonly display: boolean;
}

/** The formula that begins a paragraph, where there is one: `$$…$$`, `\\[…\\]` or `\begin{…}…\end{…}`, and nothing after it. */
export function blockMath(source: string): Formula | undefined {
  const match = /^ {0,3}(?:\$\$([^$]+?)\$\$|\\\\\[(.+?)\\\\\]|(\\begin\{([a-z]+\*?)\}.*?\\end\{\4\})) *(?:\n|$)/su.exec(
    source,
  );
  if (match === null) return undefined;
  return { raw: match[0], tex: match[1] ?? match[2] ?? match[3] ?? "", display: true };
}

/** The formula that a text begins with, where there is one: `$…$`, `$$…$$`, `\\(…\\)` or `\\[…\\]`. */
export function inlineMath(source: string): Formula | undefined {
  const display = /^\$\$([^$]+?)\$\$|^\\\\\[(.+?)\\\\\]/su.exec(source);
  // A dollar that is followed by a blank, or closes before a digit, is money; one before code may be, too.
  const inline = /^\$(?![\s$])((?:\\.|[^$\\`])*?)(?<!\s)\$(?!\d)|^\\\\\((.+?)\\\\\)/su.exec(source);
  const match = display ?? inline;
  if (match === null) return undefined;
  return { raw: match[0], tex: match[1] ?? match[2] ?? "", display: display !== null };
}
