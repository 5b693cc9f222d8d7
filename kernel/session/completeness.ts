import { parseSync, type OxcError } from "oxc-parser";

/** What a front end does with the text when its user presses Enter. */
export type Completeness =
  | { readonly status: "complete" }
  | { readonly status: "invalid" }
  | { readonly status: "incomplete"; readonly indent: string };

/**
 * Whether a text is a whole cell, could become one by more lines, or can never be one.
 *
 * @returns `incomplete` with the white space that the next line should start with
 */
export function completeness(source: string): Completeness {
  const { errors, program } = parseSync("cell.ts", source, {
    lang: "ts",
    sourceType: "module",
    showSemanticErrors: true,
  });
  const [error] = errors;
  if (error !== undefined) {
    return endsTooEarly(error, source) ? { status: "incomplete", indent: nextIndent(source) } : { status: "invalid" };
  }
  // `function f()` alone is an overload's signature to the parser; whoever types it is about to write the body.
  const last = program.body.at(-1);
  const signature = last?.type === "TSDeclareFunction" && last.declare !== true;
  return signature ? { status: "incomplete", indent: nextIndent(source) } : { status: "complete" };
}

function endsTooEarly({ message, labels }: OxcError, source: string): boolean {
  const [label] = labels;
  if (label === undefined) return false;
  if (message.startsWith("Unterminated")) {
    const opening = source.slice(label.start, label.start + 2);
    // Only these may run over several lines; a quote may when its last line ends with a backslash.
    return opening === "/*" || opening.startsWith("`") || source[label.start] === "}" || source.endsWith("\\\n");
  }
  return label.start >= source.trimEnd().length;
}

function nextIndent(source: string): string {
  const last = source.trimEnd().split("\n").at(-1) ?? "";
  const indent = /^[ \t]*/.exec(last)?.[0] ?? "";
  return /(?:[[({]|=>)$/.test(last) ? `${indent}  ` : indent;
}
