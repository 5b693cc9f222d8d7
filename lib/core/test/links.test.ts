import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { brokenLinks } from "../../../docs/build/broken-links.mjs";
import { markdownFiles, root, tokensOf } from "./markdown-files.ts";

/** The anchors of a file's headings, as GitHub makes them. */
const anchors = (file: string): string[] =>
  tokensOf(file).flatMap((token) =>
    token.type === "heading"
      ? [
          (token.text as string)
            .toLowerCase()
            .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
            .trim()
            .replaceAll(/\s/gu, "-"),
        ]
      : [],
  );

/** What is wrong with a link of a Markdown file to another place in the repository; undefined where it leads there. */
function problem(file: string, href: string): string | undefined {
  const [path = "", anchor] = href.split("#");
  const target = path === "" ? file : join(dirname(file), decodeURIComponent(path));
  if (!existsSync(target)) return `${href}: no such file`;
  if (anchor === undefined || !target.endsWith(".md") || anchors(target).includes(anchor)) return undefined;
  return `${href}: no such heading`;
}

describe("links", () => {
  it.each(markdownFiles())("of %s lead somewhere", (name) => {
    const file = join(root, name);
    const hrefs = tokensOf(file).flatMap((token) =>
      token.type === "link" || token.type === "image" ? [token.href as string] : [],
    );
    const local = hrefs.filter((href) => !/^[a-z][a-z+.-]*:/iu.test(href));
    expect(local.map((href) => problem(file, href)).filter((each) => each !== undefined)).toEqual([]);
  });

  it("of a site that lead nowhere are found", () => {
    const folder = mkdtempSync(join(tmpdir(), "site-"));
    try {
      mkdirSync(join(folder, "pages"));
      const heading = '<h1 id="it&#39;s">A</h1><a href="#it&#39;s"></a>';
      const rest = '<script>\'<a href="x">\'</script><img src="../b.png"><a href="https://example.org/none"></a>';
      writeFileSync(
        join(folder, "index.html"),
        '<a href="pages/a.html#it%27s"></a><a class="b" href="pages/a.html#c"></a>',
      );
      writeFileSync(join(folder, "pages/a.html"), heading + rest);
      expect(brokenLinks(folder).sort()).toEqual([
        "index.html: expected a link that leads somewhere, got pages/a.html#c",
        `${join("pages", "a.html")}: expected a link that leads somewhere, got ../b.png`,
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
