import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openPage } from "../../../run/test/browser.ts";
import { tool } from "../../../test/tool.ts";
import { serveNewFolder, type Answer, type Served } from "./served.ts";

const chart = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  data: {
    values: [
      { x: "a", y: 1 },
      { x: "b", y: 2 },
    ],
  },
  mark: "bar",
  encoding: { x: { field: "x", type: "nominal" }, y: { field: "y", type: "quantitative" } },
};
const shown = (data: object) => ({ output_type: "display_data", data, metadata: {} });
const attack = `<img src="data:image/png;base64,AAAA" onerror="window.attacked=1"><script>window.attacked=2</script>`;
const code = (id: string, source: string, ...outputs: object[]) => ({
  cell_type: "code",
  id,
  metadata: {},
  source,
  execution_count: 1,
  outputs,
});
const book = {
  cells: [
    { cell_type: "markdown", id: "t", metadata: {}, source: `# Title\n\n![](dot.png) ${attack}` },
    code("a", "const a = 1;\n\n", shown({ "application/vnd.vegalite.v5+json": chart, "text/plain": "chart" })),
    code("b", "  "),
    code("c", "a + 1", shown({ "text/html": attack })),
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
};
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

let served: Served;
beforeAll(async () => {
  served = await serveNewFolder();
  await mkdir(join(served.root, "d ü"));
  await writeFile(join(served.root, "d ü", "a b.ipynb"), JSON.stringify(book));
  await writeFile(join(served.root, "d ü", "dot.png"), Buffer.from(PNG, "base64"));
  await writeFile(join(served.root, "bad.ipynb"), "{");
  await writeFile(join(served.root, "x.txt"), "x");
});
afterAll(async () => {
  expect(served.log).toEqual([]);
  await served.close();
});

const get = (format: string, path = "d%20%C3%BC/a%20b.ipynb", query = ""): Promise<Answer> =>
  served.ask("GET", `/nbconvert/${format}/${path}${query}`);

describe("a notebook as another document", () => {
  it("has the formats that are listed, in the words of the front end", async () => {
    const { status, json } = await served.ask("GET", "/api/nbconvert");
    expect(status).toBe(200);
    expect(json).toEqual({
      html: { output_mimetype: "text/html" },
      notebook: { output_mimetype: "application/json" },
      script: { output_mimetype: "text/plain" },
    });
    for (const format of Object.keys(json as object)) expect((await get(format)).status).toBe(200);
  });

  it("is a page with its images inside", async () => {
    const { headers, bytes } = await get("html");
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(/sandbox(?!.*allow-same-origin)/u);
    expect(headers["content-disposition"]).toBeUndefined();
    expect(bytes.toString()).toContain("<title>Title</title>");
    expect(bytes.toString()).toContain(`data:image/png;base64,${PNG}`);
  });

  it("is its code, and a notebook again", async () => {
    expect((await get("script")).bytes.toString()).toBe("const a = 1;\n\na + 1\n");
    expect((await get("notebook")).json).toMatchObject({ nbformat: 4, cells: [{ id: "t" }, {}, {}, {}] });
  });

  it.each([
    ["html", "a b.html"],
    ["script", "a b.ts"],
    ["notebook", "a b.ipynb"],
  ])("is saved under its name: %s", async (format, name) => {
    const { headers } = await get(format, undefined, "?download=true");
    expect(headers["content-disposition"]).toBe(
      `attachment; filename="${name}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    );
  });

  it("is a script of its own language", async () => {
    const python = { ...book, metadata: { language_info: { name: "python", file_extension: ".py" } } };
    await writeFile(join(served.root, "p.ipynb"), JSON.stringify(python));
    expect((await get("script", "p.ipynb", "?download=true")).headers["content-disposition"]).toContain('"p.py"');
    const evil = { ...book, metadata: { language_info: { file_extension: '.x"\r\nset-cookie: a=b' } } };
    await writeFile(join(served.root, "e.ipynb"), JSON.stringify(evil));
    expect((await get("script", "e.ipynb", "?download=true")).headers["content-disposition"]).toContain('"e.ts"');
  });

  it.each([
    ["pdf", undefined, 404, 'expected a format of html, notebook, script, got "pdf"'],
    ["constructor", undefined, 404, "expected a format"],
    ["html", "no.ipynb", 404, "expected a file or folder"],
    ["html", "d%20%C3%BC", 400, "expected a file"],
    ["html", "", 400, "expected a file"],
    ["html", "bad.ipynb", 400, "Unreadable Notebook: "],
    ["html", "x.txt", 400, "Unreadable Notebook: "],
  ])("is none as %s of %s", async (format, path, wanted, sentence) => {
    const { status, json } = await get(format, path);
    expect([status, (json as { message: string }).message]).toEqual([wanted, expect.stringContaining(sentence)]);
  });
});

describe.skipIf(!tool("chromium", ["--version"]))("the exported page, as a browser shows it", () => {
  it("draws its chart live in the sandbox, and runs nothing of the notebook's", async () => {
    const page = await openPage(`${served.address}/nbconvert/html/d%20%C3%BC/a%20b.ipynb?token=test`);
    try {
      const bars = `new Promise((resolve) => {
        const started = Date.now();
        const look = () => {
          const found = document.querySelectorAll(".chart-live .mark-rect path").length;
          if (found === 2 || Date.now() - started > 15000) resolve(found); else setTimeout(look, 50);
        };
        look();
      })`;
      expect(await page.evaluate(bars)).toBe(2);
      expect(await page.evaluate('document.querySelector("img").naturalWidth')).toBe(1);
      expect(await page.evaluate("window.attacked")).toBeUndefined();
      expect(await page.evaluate("window.origin")).toBe("null");
      expect(page.log).toEqual([]);
    } finally {
      await page.close();
    }
  }, 60_000);

  it("of a file of the user can ask this server for nothing", async () => {
    const script = `fetch("/api/contents?token=test").then(() => { document.title = "read"; }, () => { document.title = "refused"; });`;
    await writeFile(join(served.root, "evil.html"), `<script>window.ran = 1; ${script}</script>`);
    const page = await openPage(`${served.address}/files/evil.html?token=test`);
    try {
      expect(await page.evaluate("window.ran")).toBe(1);
      await expect.poll(() => page.evaluate("document.title"), { timeout: 10_000 }).not.toBe("");
      expect(await page.evaluate("document.title")).toBe("refused");
      expect(await page.evaluate("window.origin")).toBe("null");
    } finally {
      await page.close();
    }
  }, 60_000);
});
