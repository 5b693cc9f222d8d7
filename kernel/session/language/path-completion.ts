import { readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { CompletionItem } from "./link.ts";

/** A folder with more files than this is not for choosing from. */
const most = 1000;

/** The files and folders that the text of a string could go on with, from its last slash on; none where it is no path. */
export function pathCompletion(text: string, directory: string): readonly CompletionItem[] {
  // An escape, a URL or a second line.
  if (/[\\\n]|^\w+:\/\//.test(text)) return [];
  const cut = text.lastIndexOf("/") + 1;
  const [folder, typed] = [text.slice(0, cut), text.slice(cut)];
  const base = folder.startsWith("~/") ? join(homedir(), folder.slice(2)) : resolve(directory, folder);
  return namesIn(base)
    .filter((name) => name.startsWith(typed) && (typed !== "" || !name.startsWith(".")))
    .slice(0, most)
    .sort()
    .map((name) => {
      const isFolder = statSync(join(base, name), { throwIfNoEntry: false })?.isDirectory() === true;
      return { text: isFolder ? `${name}/` : name, type: "path", signature: "" };
    });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
