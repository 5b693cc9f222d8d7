import { classHighlighter, highlightCode } from "@lezer/highlight";
import { parser } from "@lezer/javascript";

import { escapeHtml } from "./escape.ts";

const typescript = parser.configure({ dialect: "ts" });
const jsx = parser.configure({ dialect: "ts jsx" });

/** Names under which TypeScript and JavaScript are marked in a fence or in a notebook's `language_info`. */
const LANGUAGES = new Set(["typescript", "ts", "mts", "cts", "javascript", "js", "mjs", "cjs", "json", "tsx", "jsx"]);

/**
 * Code as HTML with `<span class="tok-…">` around its tokens, by the grammar that CodeMirror uses. A language other than
 * TypeScript and JavaScript is only escaped.
 */
export function highlight(code: string, language: string): string {
  const name = language.toLowerCase();
  if (!LANGUAGES.has(name)) return escapeHtml(code);
  const tree = (name.endsWith("x") ? jsx : typescript).parse(code);
  const parts: string[] = [];
  highlightCode(
    code,
    tree,
    classHighlighter,
    (text, classes) => {
      parts.push(classes === "" ? escapeHtml(text) : `<span class="${classes}">${escapeHtml(text)}</span>`);
    },
    () => parts.push("\n"),
  );
  return parts.join("");
}
