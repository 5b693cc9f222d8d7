import { readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import ts from "typescript";
import type { Completion, CompletionItem } from "./link.ts";

/** A folder with more files than this is not for choosing from. */
const most = 1000;

/**
 * The files and folders that a string could go on with, if the place is in a string.
 *
 * @param offset - where the cell begins in the file
 */
export function pathCompletion(
  tree: ts.SourceFile,
  at: number,
  directory: string,
  offset: number,
): Completion | undefined {
  const literal = literalAt(tree, at);
  if (literal === undefined) return undefined;
  const before = tree.text.slice(literal.getStart(tree) + 1, at);
  const cut = before.lastIndexOf("/") + 1;
  const [folder, typed] = [before.slice(0, cut), before.slice(cut)];
  // An escape, a URL or words: no path.
  if (/[\\\n]|^\w+:\/\//.test(before)) return undefined;
  const base = folder.startsWith("~/") ? join(homedir(), folder.slice(2)) : resolve(directory, folder);
  let names: readonly string[];
  try {
    names = readdirSync(base);
  } catch {
    return undefined;
  }
  const items = names
    .filter((name) => name.startsWith(typed) && (typed !== "" || !name.startsWith(".")))
    .slice(0, most)
    .sort()
    .map((name): CompletionItem => {
      const isFolder = statSync(join(base, name), { throwIfNoEntry: false })?.isDirectory() === true;
      return { text: isFolder ? `${name}/` : name, type: "path", signature: "" };
    });
  return { start: at - typed.length - offset, end: at - offset, items };
}

/** The string whose text the place is in. */
function literalAt(tree: ts.SourceFile, at: number): ts.StringLiteralLike | undefined {
  const inside = (node: ts.Node): ts.StringLiteralLike | undefined => {
    if (at <= node.getStart(tree) || at > node.end) return undefined;
    if (!ts.isStringLiteralLike(node)) return ts.forEachChild(node, inside);
    const closed = tree.text[node.end - 1] === tree.text[node.getStart(tree)] && node.end - node.getStart(tree) > 1;
    return at < node.end || !closed ? node : undefined;
  };
  return inside(tree);
}
