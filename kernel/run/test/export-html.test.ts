import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { tool } from "../../test/tool.ts";
import { ansiToHtml, stripAnsi } from "../html/ansi.ts";
import { escapeHtml, scriptJson } from "../html/escape.ts";
import { exportHtml } from "../html/export-html.ts";
import { highlight } from "../html/highlight.ts";
import { createMarkdown } from "../html/markdown.ts";
import { htmlPage } from "../html/page.ts";
import { sanitize } from "../html/sanitize.ts";
import type { Cell, Notebook, Output } from "../notebook.ts";
import { openPage } from "./browser.ts";

const notebook = (...cells: Cell[]): Notebook => ({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
const text = (source: string): Cell => ({ cell_type: "markdown", id: "text", metadata: {}, source });
const code = (source: string, ...outputs: Output[]): Cell => ({
  cell_type: "code",
  id: "code",
  metadata: {},
  source,
  execution_count: 1,
  outputs,
});
const shown = (data: Record<string, string | object>): Output =>
  ({ output_type: "display_data", data, metadata: {} }) as Output;

const chart = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  description: "Bars </script><script>alert(1)</script>",
  data: {
    values: [
      { x: "a", y: 1 },
      { x: "</script><!--", y: 2 },
    ],
  },
  transform: [{ calculate: "datum.y * 2", as: "twice" }],
  mark: "bar",
  encoding: { x: { field: "x", type: "nominal" }, y: { field: "twice", type: "quantitative" } },
};
const chartOutput = shown({ "application/vnd.vegalite.v5+json": chart, "text/plain": "a chart" });

// The value of a quoted attribute is text.
const withoutValues = (html: string): string => html.replaceAll(/"[^"]*"/gu, '""');

describe("sanitize", () => {
  const attacks = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil></SCRIPT>",
    '<img src="x" onerror="alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x>",
    '<form action="https://evil"><input name=q onfocus=alert(1) autofocus><button>b</button></form>',
    "<style>body{background:url(https://evil)}</style>",
    '<div style="background:url(javascript:alert(1))">x</div>',
    '<div style="position:fixed;top:0;width:100%">x</div>',
    '<base href="https://evil/"><meta http-equiv="refresh" content="0;url=https://evil">',
    '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<details ontoggle="alert(1)" open>x</details>',
  ];
  it.each(attacks)("takes the danger out of %s", (html) => {
    const safe = sanitize(html).toLowerCase();
    expect(safe).not.toMatch(/<(script|iframe|object|embed|form|button|base|meta|style|svg|math)\b/u);
    expect(withoutValues(safe)).not.toMatch(/<[^>]*\son\w+\s*=/u);
    expect(safe).not.toMatch(/(href|src)="\s*(javascript|vbscript|data:text)/u);
    expect(safe).not.toMatch(/url\(|position/u);
  });

  it("keeps a table with its inline styles, an embedded image and details", () => {
    const table =
      '<table style="border-collapse:collapse;color:inherit"><caption style="caption-side:top">t</caption>' +
      '<tr><td style="text-align:right;padding:3px 10px;border-bottom:1px solid rgba(128,128,128,.35)">1</td></tr></table>';
    expect(sanitize(table)).toBe(table);
    const image = '<img src="data:image/png;base64,AAAA" alt="a" />';
    expect(sanitize(image)).toBe(image);
    expect(sanitize("<details open><summary>s</summary>x</details>")).toContain("<summary>s</summary>");
  });

  it("lets no element but its own list through, whatever comes", () => {
    const piece = fc.constantFrom(
      "<script>",
      "</script>",
      "<img ",
      "onerror=alert(1)",
      ">",
      "<",
      '"',
      "'",
      "x",
      "<svg/",
      "href=",
      "javascript:",
      "<a ",
      "<!--",
      "-->",
      "<style>",
      "&lt;",
      "\0",
      "/",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const safe = sanitize(pieces.join(""));
        expect(safe).not.toMatch(/<\/?(?:script|style|svg)/iu);
        expect(withoutValues(safe)).not.toMatch(/<[a-z][^>]*\sonerror/iu);
        expect(safe).not.toMatch(/<[a-z][^>]*\shref="javascript/iu);
      }),
    );
  });
});

describe("ANSI text", () => {
  it("becomes classes, inline colours and escaped text", () => {
    expect(ansiToHtml("\x1b[1;31mbad\x1b[0m <b> \x1b[38;5;208mo\x1b[39m \x1b[38;2;1;2;3mrgb\x1b[m.")).toBe(
      '<span class="ansi-bold ansi-front-red">bad</span> &lt;b&gt; <span style="color: rgb(255, 135, 0)">o</span> ' +
        '<span style="color: rgb(1, 2, 3)">rgb</span>.',
    );
  });

  it("loses the escapes and nothing else", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom("\x1b[31m", "\x1b[0m", "\x1b[2K", "\x1b]8;;x\x07"))),
        (parts) => {
          const source = parts.join("");
          expect(ansiToHtml(source).replaceAll(/<\/?span[^>]*>/gu, "")).toBe(escapeHtml(stripAnsi(source)));
        },
      ),
    );
  });
});

it("highlights code without changing it", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("const ", "x", "`", "${", "}", "<b>", "\n", "/", '"', "// ", "é") }),
      (source) => {
        expect(highlight(source, "typescript").replaceAll(/<\/?span[^>]*>/gu, "")).toBe(escapeHtml(source));
      },
    ),
  );
  expect(highlight("const x: number = 1;", "ts")).toContain('<span class="tok-keyword">const</span>');
  expect(highlight("def f(): pass <", "python")).toBe("def f(): pass &lt;");
});

describe("Markdown", () => {
  const draw = (tex: string, display: boolean): string => `[${display ? "display" : "inline"} ${tex}]`;
  const render = (source: string): string => createMarkdown(draw).render(source);

  it("finds TeX where Jupyter does, and leaves money and code alone", () => {
    expect(render("a $x_1$ and $x_2$")).toContain(
      '<span class="math">[inline x_1]</span> and <span class="math">[inline x_2]',
    );
    expect(render("from $5 on: `$HOME`")).not.toContain("[inline");
    expect(render("$$\\sum_i *a* b$$")).toContain("[display \\sum_i *a* b]");
    expect(render("before\n$$\na\n$$\nafter")).toContain("[display \na\n]");
    expect(render("\\begin{align}a&=b\\\\c&=d\\end{align}")).toContain(
      "[display \\begin{align}a&=b\\\\c&=d\\end{align}]",
    );
    expect(render("\\\\(y\\\\) and \\\\[z\\\\]")).toContain("[inline y]");
    expect(render("costs $5 and $6")).toContain("costs $5 and $6");
    expect(render("`$x$` and \\$y\\$")).toBe("<p><code>$x$</code> and $y$</p>\n");
    expect(render("```\n$x$\n```")).toContain("<pre><code>$x$</code></pre>");
  });

  it("gives each heading an anchor of its own", () => {
    const markdown = createMarkdown(undefined);
    markdown.render("## Two words\n\n## Two words\n\n### `code` <script>x</script>");
    expect(markdown.headings.map(({ id }) => id)).toEqual(["Two-words", "Two-words-2", "code-<script>x</script>"]);
    expect(markdown.headings[2]?.html).toBe("<code>code</code> ");
  });

  it("shows an attachment of the cell and colours fenced code", () => {
    const html = createMarkdown(undefined).render("![a](attachment:a.png)\n\n```ts\nlet x\n```", {
      "a.png": { "image/png": "AAAA" },
    });
    expect(html).toContain('<img src="data:image/png;base64,AAAA" alt="a" />');
    expect(html).toContain('<span class="tok-keyword">let</span>');
  });
});

describe("images of a text", () => {
  it("are taken into the page from below the notebook's folder, and linked where they are elsewhere", async () => {
    const folder = await mkdtemp(join(tmpdir(), "veelab-images-"));
    try {
      await mkdir(join(folder, "notebooks/figures"), { recursive: true });
      await writeFile(join(folder, "notebooks/figures/a b.png"), "inside");
      await writeFile(join(folder, "secret.png"), "outside");
      await symlink(join(folder, "secret.png"), join(folder, "notebooks/link.png"));
      const source = [
        ...["![in](figures/a%20b.png)", "![out](../secret.png)", "![link](link.png)", "![none](none.png)"],
        ...["![web](https://example.org/x.png)", "![](passwd)"],
      ];
      const page = await exportHtml(notebook(text(source.join("\n\n"))), {
        title: "t",
        folder: join(folder, "notebooks"),
      });
      expect(page).toContain(
        `<img src="data:image/png;base64,${Buffer.from("inside").toString("base64")}" alt="in" />`,
      );
      expect(page).not.toContain(Buffer.from("outside").toString("base64"));
      expect(page.match(/<img/gu)).toHaveLength(1);
      expect(page).toContain('<a href="https://example.org/x.png">web</a>');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("a link to a file", () => {
  it("leads where it is said to lead, or is text", async () => {
    const source = [
      '[a *b*](b.ipynb "T"), [c](../c.md), [web](https://example.org/), [above](#top), <d@example.org>,',
      '![e](../e.png), <a href="f.md">f</a>, <a name="g" href=" https://example.org/g">g</a>, [h][1]\n\n[1]: b.ipynb',
    ];
    const fileLink = (href: string) => (href === "b.ipynb" ? "b.html" : undefined);
    const cells = notebook(text(source.join(" ")), code("1", shown({ "text/html": '<a href="i.md">i</a>' })));
    const page = await exportHtml(cells, { title: "t", fileLink });
    expect(page).toContain(
      '<a href="b.html" title="T">a <em>b</em></a>, <a>c</a>, <a href="https://example.org/">web</a>, ' +
        '<a href="#top">above</a>, <a href="mailto:d@example.org">d@example.org</a>, ' +
        '<a>e</a>, <a>f</a>, <a href="https://example.org/g" name="g">g</a>, <a href="b.html">h</a>',
    );
    expect(page).toContain("<a>i</a>");
    expect(await exportHtml(cells, { title: "t" })).toMatch(/<a href="\.\.\/c\.md">c<.*<a href="\.\.\/e\.png">e</u);
  });
});

describe("a page", () => {
  it("holds no address that a browser would fetch, and is the same each time", async () => {
    const source = notebook(text("# T\n\n$x$"), code("1", chartOutput));
    const page = await exportHtml(source, { title: "t" });
    const markup = page.replaceAll(/<script>.*?<\/script>/gsu, "");
    expect(markup.length).toBeLessThan(50_000);
    expect(markup).not.toMatch(/<(?:script|img|link)[^>]*(?:src|href)="(?!data:)/u);
    expect(markup).not.toMatch(/<link\b|@import|url\(/u);
    expect((await exportHtml(source, { title: "t" })) === page).toBe(true);
  });

  it("lets only its own scripts run, by their hashes, and no code from text", async () => {
    const page = await exportHtml(notebook(code("1", chartOutput)), { title: "t" });
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/u.exec(page)?.[1]?.split("; ");
    expect(policy).toEqual([
      "default-src 'none'",
      expect.stringMatching(/^script-src( 'sha256-[\w+/]{43}='){4}$/u),
      "style-src 'unsafe-inline'",
      "img-src data: blob:",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(htmlPage({ title: "t", body: "" })).toContain("script-src 'none'");
  });

  it("has Vega only where there is a chart, and MathJax's SVG only where there is TeX", async () => {
    const plain = await exportHtml(notebook(text("# Plain"), code("1")), { title: "t" });
    expect(plain).toContain("<title>Plain</title>");
    expect(plain).not.toContain("<script");
    expect(plain).not.toContain("<svg");
    const formula = await exportHtml(notebook(text('$a < "b"$')), { title: "t" });
    expect(formula).toMatch(/<svg[^>]* aria-label="a (?:<|&lt;) &quot;b&quot;"/u);
  });

  it("ends no script early, whatever a chart or a script holds", async () => {
    const page = await exportHtml(notebook(code("1", chartOutput)), { title: "t" });
    expect(page.match(/<script[^>]*>/gu)?.length).toBe(5); // the chart's JSON, three libraries, our own
    expect(page.match(/<\/script>/gu)?.length).toBe(5);
    expect(htmlPage({ title: "t", body: "", scripts: ['"</script><!--"'] })).toContain('"<\\/script><\\!--"');
    expect(JSON.parse(scriptJson(chart))).toEqual(chart);
  });

  it("shows TeX that is wrong as an error in its place", async () => {
    const page = await exportHtml(
      notebook(text('$\\frac{1$ and $\\href{javascript:alert(1)}{x}$ $\\mmlToken{mi}[href="javascript:alert(2)"]{x}$')),
      { title: "t" },
    );
    expect(page).toContain("data-mjx-error");
    expect(page).not.toMatch(/href="javascript/u);
  });

  it("shows an error's traceback in colour, and folds what the author folded", async () => {
    const failed: Output = { output_type: "error", ename: "E", evalue: "v", traceback: ["\x1b[31mE\x1b[0m: v"] };
    const folded: Cell = { ...code("secret()", failed), metadata: { tags: ["hide-input"] } };
    const page = await exportHtml(notebook(folded), { title: "t" });
    expect(page).toContain('<span class="ansi-front-red">E</span>: v');
    expect(page).toMatch(/<details><summary>Code<\/summary>\s*<div class="source">/u);
  });
});

describe.skipIf(!tool("chromium", ["--version"]))("in a browser", () => {
  const hostile = '<img src="data:image/png;base64,AA" onerror="window.attacked=1"><script>window.attacked=2</script>';
  const source = notebook(
    text(`# Title\n\n${hostile}`),
    code(
      "chart",
      chartOutput,
      shown({ "text/html": hostile }),
      shown({ "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg"><script>window.attacked=3</script></svg>` }),
    ),
  );
  const withPage = async (
    scripts: boolean,
    look: (page: Awaited<ReturnType<typeof openPage>>) => Promise<void>,
  ): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), "veelab-page-"));
    try {
      const file = join(folder, "page.html");
      await writeFile(file, await exportHtml(source, { title: "t" }));
      const page = await openPage(pathToFileURL(file).href, { scripts });
      await look(page).finally(() => page.close());
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  it("draws the chart live under a policy without eval, and runs no script of the notebook", async () => {
    await withPage(true, async (page) => {
      const bars = `new Promise((resolve) => {
        const look = () => document.querySelectorAll(".chart-live .mark-rect path").length === 2 ? resolve(2) : setTimeout(look, 50);
        look();
      })`;
      expect(await page.evaluate(bars)).toBe(2);
      expect(await page.evaluate('document.querySelectorAll(".chart-image").length')).toBe(0);
      expect(await page.evaluate("window.attacked")).toBeUndefined();
      expect(page.log).toEqual([]);
    });
  });

  it("shows the chart's image where scripts are off", async () => {
    await withPage(false, async (page) => {
      // A broken image has no size of its own.
      expect(await page.evaluate('document.querySelector(".chart-image").naturalWidth > 50')).toBe(true);
      expect(await page.evaluate('document.querySelectorAll(".chart-live").length')).toBe(0);
      expect(await page.evaluate("window.attacked")).toBeUndefined();
    });
  });
});
