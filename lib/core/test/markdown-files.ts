import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { marked, type Token } from "marked";

/** The repository's folder. */
export const root: string = fileURLToPath(new URL("../../../", import.meta.url));

const isOurs = (name: string): boolean =>
  !["node_modules", "dist", "site", ".git", "report", "artifacts"].includes(name);

/** The Markdown files of a folder of the repository, by their paths in it. */
export function markdownFiles(folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return isOurs(entry.name) ? markdownFiles(path) : [];
      return entry.name.endsWith(".md") ? [path] : [];
    })
    .sort();
}

/** All tokens of a Markdown file, those within others, too. */
export function tokensOf(file: string): Token[] {
  const tokens: Token[] = [];
  void marked.walkTokens(marked.lexer(readFileSync(file, "utf8")), (token) => {
    tokens.push(token);
  });
  return tokens;
}
