import { createHash } from "node:crypto";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Model } from "../model.ts";
import { serveAnew, served, put, get, notebook, codeCell } from "./served-each.ts";

describe("reading", () => {
  it("gives a text file with everything that Jupyter says of it", async () => {
    await put("a b ü.txt", "hällo\n");
    const { status, headers, json } = await served.ask("GET", "/api/contents/a%20b%20%C3%BC.txt");
    expect(status).toBe(200);
    expect(json).toEqual({
      name: "a b ü.txt",
      path: "a b ü.txt",
      type: "file",
      writable: true,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/u) as string,
      last_modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/u) as string,
      size: 7,
      mimetype: "text/plain",
      content: "hällo\n",
      format: "text",
      hash: null,
      hash_algorithm: null,
    });
    expect(new Date(headers["last-modified"]!).getTime()).toBeLessThanOrEqual(Date.now());
  });

  it("gives bytes that are no text in base64, and text too where that is asked for", async () => {
    await writeFile(join(served.root, "x.bin"), Buffer.of(0xff, 0, 1));
    expect(await get("x.bin")).toMatchObject({
      format: "base64",
      content: "/wAB",
      mimetype: "application/octet-stream",
    });
    await put("x.txt", "ab");
    expect(await get("x.txt?format=base64")).toMatchObject({ format: "base64", content: "YWI=" });
  });

  it("keeps a byte order mark, which the file would lose at the next save", async () => {
    await put("bom.csv", "\uFEFFa,b");
    expect((await get("bom.csv")).content).toBe("\uFEFFa,b");
  });

  it("refuses text of bytes that are none, by the reason that the front end knows", async () => {
    await writeFile(join(served.root, "x.txt"), Buffer.of(0xff));
    const { status, json } = await served.ask("GET", "/api/contents/x.txt?format=text");
    expect([status, json]).toEqual([
      400,
      { message: 'expected text in UTF-8 at "x.txt", got other bytes', reason: "bad format" },
    ]);
  });

  it.each([
    ["x.txt?type=directory", "expected a directory at"],
    ["d?type=file", "expected a file at"],
    ["d?type=notebook", "expected a notebook at"],
    ["x.txt?type=banana", "expected type to be"],
    ["x.txt?format=json", "expected text or base64"],
    ["x.txt?format=utf8", "expected format to be"],
    ["x.txt?content=2", "expected content to be"],
    ["x.txt?hash=yes", "expected hash to be"],
  ])("refuses %s", async (asked, sentence) => {
    await put("x.txt", "");
    await mkdir(join(served.root, "d"));
    const { status, json } = await served.ask("GET", `/api/contents/${asked}`);
    expect(status).toBe(400);
    expect((json as { message: string }).message).toContain(sentence);
  });

  it("leaves the content out, and adds the hash of the file's bytes", async () => {
    await put("x.txt", "abc");
    const hash = createHash("sha256").update("abc").digest("hex");
    expect(await get("x.txt?content=0")).toMatchObject({ content: null, format: null, hash: null });
    expect(await get("x.txt?content=0&hash=1")).toMatchObject({ content: null, hash, hash_algorithm: "sha256" });
    expect(await get("x.txt?hash=1")).toMatchObject({ content: "abc", hash, hash_algorithm: "sha256" });
    await put("n.ipynb", JSON.stringify(notebook));
    const ofNotebook = createHash("sha256").update(JSON.stringify(notebook)).digest("hex");
    expect(await get("n.ipynb?hash=1")).toMatchObject({ type: "notebook", hash: ofNotebook });
  });

  it("lists a folder without hidden files, what tools leave, special files, and links that lead nowhere", async () => {
    await mkdir(join(served.root, "d", ".git"), { recursive: true });
    await mkdir(join(served.root, "d", "__pycache__"));
    for (const name of ["b.txt", "a.ipynb", ".hidden", "x.pyc", "y~", "back\\slash"]) await put(join("d", name), "x");
    await symlink("b.txt", join(served.root, "d", "link"));
    await symlink("nowhere", join(served.root, "d", "dangling"));
    const model = await get("d/");
    expect(model).toMatchObject({
      name: "d",
      path: "d",
      type: "directory",
      format: "json",
      size: null,
      mimetype: null,
    });
    const entries = model.content as Model[];
    expect(entries.map(({ path, type, size, content }) => ({ path, type, size, content }))).toEqual([
      { path: "d/a.ipynb", type: "notebook", size: 1, content: null },
      { path: "d/b.txt", type: "file", size: 1, content: null },
      { path: "d/link", type: "file", size: 1, content: null },
    ]);
    expect(await get("d?content=0")).toMatchObject({ content: null, format: null });
  });

  it("lists the root", async () => {
    await put("x", "");
    expect(await get("")).toMatchObject({ name: "", path: "", type: "directory", content: [{ path: "x" }] });
    expect((await served.ask("GET", "/api/contents")).json).toMatchObject({ path: "" });
  });

  it("lists many files, in the order of their names", async () => {
    const names = Array.from({ length: 700 }, (_, i) => `f${String(i).padStart(3, "0")}`);
    for (const name of names) await put(name, "");
    expect(((await get("")).content as Model[]).map(({ name }) => name)).toEqual(names);
  });

  it("gives a notebook with its texts whole, and reads it as a file where that is asked for", async () => {
    const inFile = { ...notebook, cells: [{ ...codeCell(""), source: ["a\n", "b"] }] };
    await put("n.ipynb", JSON.stringify(inFile));
    const model = await get("n.ipynb");
    expect(model).toMatchObject({ type: "notebook", format: "json", mimetype: null });
    expect(model.content).toMatchObject({ cells: [{ source: "a\nb" }], nbformat: 4 });
    expect(await get("n.ipynb?type=file")).toMatchObject({
      type: "file",
      format: "text",
      content: JSON.stringify(inFile),
    });
    await put("n.txt", JSON.stringify(inFile));
    expect(await get("n.txt?type=notebook")).toMatchObject({ type: "notebook" });
  });

  it.each([
    ["text that is no JSON", "hello", "expected a notebook, got text that is not JSON"],
    ["other JSON", "[1]", "expected a notebook, got a list"],
    ["an old format", '{"nbformat": 3, "nbformat_minor": 0, "worksheets": []}', "expected a notebook of format 4"],
    ["a cell of no kind", '{"nbformat":4,"nbformat_minor":5,"cells":[{}]}', "n.ipynb, cell 1: expected cell_type"],
  ])("says what is wrong with a notebook of %s", async (_, content, sentence) => {
    await put("n.ipynb", content);
    const { status, json } = await served.ask("GET", "/api/contents/n.ipynb");
    expect(status).toBe(400);
    expect((json as { message: string }).message).toMatch(/^Unreadable Notebook: /u);
    expect((json as { message: string }).message).toContain(sentence);
  });

  it("refuses a notebook that is no text, or nested without end", async () => {
    await writeFile(join(served.root, "n.ipynb"), Buffer.of(0x7b, 0xff, 0x7d));
    expect((await served.ask("GET", "/api/contents/n.ipynb")).status).toBe(400);
    const deep = `{"nbformat":4,"nbformat_minor":5,"cells":[],"metadata":{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`;
    await put("n.ipynb", deep);
    const { status, json } = await served.ask("GET", "/api/contents/n.ipynb");
    expect([status, (json as { message: string }).message]).toEqual([400, expect.stringContaining("nested")]);
    expect(
      (await served.ask("PUT", "/api/contents/m.ipynb", { body: Buffer.from(`{"type":"notebook","content":${deep}}`) }))
        .status,
    ).toBe(400);
  });

  it("refuses a file that is larger than an answer may be", async () => {
    await serveAnew({ maxBytes: 10 });
    await put("x", "0123456789");
    await put("y", "0123456789a");
    expect((await served.ask("GET", "/api/contents/x")).status).toBe(200);
    const { status, json } = await served.ask("GET", "/api/contents/y");
    expect([status, json]).toEqual([
      413,
      { message: 'expected a file of at most 10 bytes at "y", found a larger one', reason: null },
    ]);
    expect((await served.ask("GET", "/api/contents/y?content=0&hash=1")).status).toBe(200);
    expect((await served.ask("GET", "/files/y")).status).toBe(200);
  });
});
