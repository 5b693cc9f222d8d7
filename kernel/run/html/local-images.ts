import { readFile, realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { lexer, walkTokens, type Token, type Tokens } from "marked";

const TYPES: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".svg": "image/svg+xml",
};

/**
 * The images that Markdown texts show from files beside the notebook, as `data:` addresses by the reference in the text:
 * a page in one file has nothing beside it. Only images below `folder` are read, so that a notebook from a stranger
 * cannot carry off other files; what is not there is left out.
 */
export async function localImages(texts: readonly string[], folder: string): Promise<Map<string, string>> {
  const references = new Set<string>();
  const note = (token: Token): void => {
    if (token.type === "image") references.add((token as Tokens.Image).href);
  };
  for (const text of texts) void walkTokens(lexer(text), note);
  const root = await realpath(folder);
  const found = await Promise.all(
    Array.from(references, async (reference): Promise<[string, string][]> => {
      const type = TYPES[extname(reference).toLowerCase()];
      if (type === undefined || /^[a-z][a-z\d+.-]*:|^\/\//iu.test(reference)) return [];
      try {
        const file = await realpath(join(root, decodeURIComponent(reference)));
        // Reading a named pipe would wait for a writer.
        if (!file.startsWith(root + sep) || !(await stat(file)).isFile()) return [];
        return [[reference, `data:${type};base64,${(await readFile(file)).toString("base64")}`]];
      } catch {
        return [];
      }
    }),
  );
  return new Map(found.flat());
}
