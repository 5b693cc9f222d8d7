import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Model } from "../model.ts";
import { serveNewFolder, type Served } from "./served.ts";

let served: Served;
const put = (path: string, text: string): Promise<void> => writeFile(join(served.root, path), text);
const text = (path: string): Promise<string> => readFile(join(served.root, path), "utf8");
const get = async (path: string): Promise<Model> => (await served.ask("GET", `/api/contents/${path}`)).json as Model;

const notebook = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
const codeCell = (source: string) => ({
  cell_type: "code",
  id: "a",
  metadata: {},
  source,
  execution_count: null,
  outputs: [],
});

beforeEach(async () => (served = await serveNewFolder()));
afterEach(async () => {
  expect(served.log).toEqual([]);
  await served.close();
});

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
    await served.close();
    served = await serveNewFolder({ maxBytes: 10 });
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

describe("saving", () => {
  const save = (path: string, body: unknown) => served.ask("PUT", `/api/contents/${path}`, { body });

  it("saves text and bytes, and says whether they are new", async () => {
    const first = await save("a%20b.txt", { type: "file", format: "text", content: "one" });
    expect([first.status, first.headers.location]).toEqual([201, "/api/contents/a%20b.txt"]);
    expect(first.json).toMatchObject({ path: "a b.txt", size: 3, content: null, format: null });
    const second = await save("a%20b.txt", { type: "file", format: "base64", content: "/wAB\n" });
    expect([second.status, second.headers.location]).toEqual([200, "/api/contents/a%20b.txt"]);
    expect(await readFile(join(served.root, "a b.txt"))).toEqual(Buffer.of(0xff, 0, 1));
  });

  it("saves a notebook with the bytes that nbformat writes, and with a first checkpoint", async () => {
    const { status } = await save("n.ipynb", {
      type: "notebook",
      format: "json",
      content: { ...notebook, cells: [codeCell("a\nb")] },
    });
    expect(status).toBe(201);
    expect(await text("n.ipynb")).toContain('   "source": [\n    "a\\n",\n    "b"\n   ]\n');
    expect(await text(".ipynb_checkpoints/n-checkpoint.ipynb")).toBe(await text("n.ipynb"));
  });

  it("makes folders, and leaves the ones that are there", async () => {
    expect((await save("d", { type: "directory" })).status).toBe(201);
    expect((await save("d/e", { type: "directory" })).json).toMatchObject({ path: "d/e", type: "directory" });
    expect((await save("d", { type: "directory" })).status).toBe(200);
    expect(await readdir(join(served.root, "d"))).toEqual(["e"]);
  });

  it("makes something empty where a model says no more than what it is", async () => {
    expect((await save("x.txt", { type: "file" })).status).toBe(201);
    expect((await save("n.ipynb", { format: "json" })).json).toMatchObject({ type: "notebook" });
    expect((await save("", {})).json).toMatchObject({ path: "untitled" });
    expect([await text("x.txt"), JSON.parse(await text("n.ipynb"))]).toEqual(["", notebook]);
  });

  it.each([
    ["nothing to save", "x.txt", { type: "file" }, 400],
    ["no type", "x.txt", { content: "y", format: "text" }, 400],
    ["an unknown type", "x.txt", { type: "banana", content: "y" }, 400],
    ["no format", "x.txt", { type: "file", content: "y" }, 400],
    ["a format of notebooks", "x.txt", { type: "file", content: "y", format: "json" }, 400],
    ["content that is no text", "x.txt", { type: "file", content: { a: 1 }, format: "text" }, 400],
    ["content null", "x.txt", { type: "file", content: null, format: "text" }, 400],
    ["half a surrogate pair", "x.txt", { type: "file", content: "\ud800", format: "text" }, 400],
    ["what is no base64", "x.txt", { type: "file", content: "a_a=", format: "base64" }, 400],
    ["base64 that is cut", "x.txt", { type: "file", content: "YWI", format: "base64" }, 400],
    ["a copy", "x.txt", { copy_from: "y" }, 400],
    ["a folder over a file", "x.txt", { type: "directory" }, 400],
    ["a file over a folder", "d", { type: "file", content: "", format: "text" }, 400],
    ["a file below a file", "x.txt/y", { type: "file", content: "", format: "text" }, 404],
    ["a file in no folder", "no/y", { type: "file", content: "", format: "text" }, 404],
    ["a notebook that is none", "x.txt", { type: "notebook", content: { cells: 3 } }, 400],
    ["a notebook of text", "x.txt", { type: "notebook", content: "hello" }, 400],
    ["a name that no file system takes", "n".repeat(300), { type: "file", content: "", format: "text" }, 400],
    ["a path that no file system takes", "n/".repeat(3000), { type: "file", content: "", format: "text" }, 404],
  ])("refuses %s, and leaves what is there", async (_, path, body, wanted) => {
    await put("x.txt", "old");
    await mkdir(join(served.root, "d"));
    const { status, json } = await save(path, body);
    expect([status, json]).toEqual([wanted, { message: expect.stringMatching(/./u) as string, reason: null }]);
    expect(await text("x.txt")).toBe("old");
    expect((await readdir(served.root)).sort()).toEqual(["d", "x.txt"]);
  });

  it("takes names as long as the file system does", async () => {
    const name = `${"ü".repeat(125)}.txt`;
    expect((await save(encodeURIComponent(name), { type: "file", content: "x", format: "text" })).status).toBe(201);
    expect(await text(name)).toBe("x");
  });

  it("gives a file that was saved a later time, however fast it is saved again", async () => {
    const times: string[] = [];
    for (let i = 0; i < 50; i += 1) {
      const { json } = await save("x.txt", { type: "file", format: "text", content: String(i) });
      times.push((json as Model).last_modified);
    }
    expect(new Set(times).size).toBe(50);
    expect(times.toSorted()).toEqual(times);
  });

  it("gives it a later time also where the clock was set back since", async () => {
    await put("x.txt", "old");
    const ahead = new Date(Date.now() + 3_600_000);
    await utimes(join(served.root, "x.txt"), ahead, ahead);
    const before = (await get("x.txt?content=0")).last_modified;
    const { json } = await save("x.txt", { type: "file", format: "text", content: "new" });
    const after = (json as Model).last_modified;
    expect(after > before).toBe(true);
    expect(new Date(after).getTime() - ahead.getTime()).toBeLessThan(10);
  });

  it("tells a second tab that the first has saved, by time and by hash", async () => {
    await save("n.ipynb", { type: "notebook", content: notebook });
    const second = await get("n.ipynb?hash=1");
    await save("n.ipynb", { type: "notebook", content: { ...notebook, cells: [codeCell("first")] } });
    const onDisk = await get("n.ipynb?content=0&hash=1");
    expect(onDisk.hash).not.toBe(second.hash);
    expect(new Date(onDisk.last_modified).getTime()).toBeGreaterThanOrEqual(new Date(second.last_modified).getTime());
    expect(onDisk.last_modified > second.last_modified).toBe(true);
  });

  it("lets one of many saves at once win, whole", async () => {
    const texts = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(200_000));
    const answers = await Promise.all(texts.map((content) => save("x.txt", { type: "file", format: "text", content })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(texts).toContain(await text("x.txt"));
    expect(await readdir(served.root)).toEqual(["x.txt"]);
  });

  it("keeps a file's permissions, and saves through a link inside the root", async () => {
    await put("run.sh", "old");
    await chmod(join(served.root, "run.sh"), 0o750);
    await symlink("run.sh", join(served.root, "link"));
    await save("link", { type: "file", format: "text", content: "new" });
    expect([await text("run.sh"), (await stat(join(served.root, "run.sh"))).mode & 0o777]).toEqual(["new", 0o750]);
  });
});

describe("making", () => {
  const make = (folder: string, body?: unknown) => served.ask("POST", `/api/contents/${folder}`, { body });
  const pathOf = async (folder: string, body?: unknown): Promise<string> =>
    ((await make(folder, body)).json as Model).path;

  it("names what has no name as Jupyter does", async () => {
    await mkdir(join(served.root, "d"));
    const notebooks = [
      await pathOf("d", { type: "notebook" }),
      await pathOf("d", { ext: ".ipynb" }),
      await pathOf("d", { type: "notebook" }),
    ];
    expect(notebooks).toEqual(["d/Untitled.ipynb", "d/Untitled1.ipynb", "d/Untitled2.ipynb"]);
    const files = [
      await pathOf("d", { type: "file", ext: ".tar.gz" }),
      await pathOf("d", { ext: ".tar.gz" }),
      await pathOf("d"),
    ];
    expect(files).toEqual(["d/untitled.tar.gz", "d/untitled1.tar.gz", "d/untitled"]);
    const folders = [await pathOf("", { type: "directory" }), await pathOf("", { type: "directory" })];
    expect(folders).toEqual(["Untitled Folder", "Untitled Folder 1"]);
    expect(JSON.parse(await text("d/Untitled.ipynb"))).toEqual(notebook);
    expect((await make("d", { type: "notebook" })).headers.location).toBe("/api/contents/d/Untitled3.ipynb");
  });

  it("names many that are made at once each its own", async () => {
    const paths = await Promise.all(Array.from({ length: 12 }, () => pathOf("", { type: "file", ext: ".txt" })));
    expect(new Set(paths).size).toBe(12);
  });

  it("copies beside the original, into another folder, and to a path", async () => {
    await mkdir(join(served.root, "d"));
    await put("a.tar.gz", "x");
    await put("v1.2.ipynb", JSON.stringify(notebook));
    expect(await pathOf("", { copy_from: "a.tar.gz" })).toBe("a-Copy1.tar.gz");
    expect(await pathOf("", { copy_from: "a-Copy1.tar.gz" })).toBe("a-Copy2.tar.gz");
    expect(await pathOf("", { copy_from: "v1.2.ipynb" })).toBe("v1.2-Copy1.ipynb");
    expect(await pathOf("d", { copy_from: "/a.tar.gz" })).toBe("d/a.tar.gz");
    expect(await pathOf("d/b.txt", { copy_from: "a.tar.gz" })).toBe("d/b.txt");
    expect(await text("d/b.txt")).toBe("x");
    expect(await readdir(join(served.root, "d"))).toEqual(["a.tar.gz", "b.txt"]);
  });

  it.each([
    ["in no folder", "no", { type: "file" }, 404],
    ["in a file", "x.txt", { type: "file" }, 400],
    ["of no kind", "", { type: "banana" }, 400],
    ["with an ending that leads elsewhere", "", { type: "file", ext: "/../../x" }, 400],
    ["with an ending that is no text", "", { type: "file", ext: 3 }, 400],
    ["from nothing", "", { copy_from: "no" }, 404],
    ["from a folder", "", { copy_from: "d" }, 400],
    ["from no path", "", { copy_from: 3 }, 400],
    ["over a file", "x.txt", { copy_from: "x.txt" }, 400],
    ["into no folder", "no/y", { copy_from: "x.txt" }, 404],
  ])("refuses to make something %s", async (_, folder, body, wanted) => {
    await put("x.txt", "old");
    await mkdir(join(served.root, "d"));
    expect((await make(folder, body)).status).toBe(wanted);
    expect((await readdir(served.root)).sort()).toEqual(["d", "x.txt"]);
  });
});

describe("moving", () => {
  const move = (path: string, to: unknown) => served.ask("PATCH", `/api/contents/${path}`, { body: { path: to } });

  it("renames and moves files and folders", async () => {
    await mkdir(join(served.root, "d"));
    await put("a", "x");
    const { status, headers, json } = await move("a", "d/b ü");
    expect([status, headers.location]).toEqual([200, "/api/contents/d/b%20%C3%BC"]);
    expect(json).toMatchObject({ path: "d/b ü", content: null });
    expect((await move("d", "e")).json).toMatchObject({ path: "e", type: "directory" });
    expect(await text("e/b ü")).toBe("x");
    expect((await move("e", "/e/")).status).toBe(200);
    expect((await served.ask("PATCH", "/api/contents/e", { body: {} })).json).toMatchObject({ path: "e" });
  });

  it("moves a link, not what it leads to", async () => {
    await put("a", "x");
    await symlink("a", join(served.root, "link"));
    expect((await move("link", "other")).status).toBe(200);
    expect((await readdir(served.root)).sort()).toEqual(["a", "other"]);
    expect((await served.ask("DELETE", "/api/contents/other")).status).toBe(204);
    expect(await readdir(served.root)).toEqual(["a"]);
  });

  it("does not move a link to where it would lead elsewhere", async () => {
    await mkdir(join(served.root, "d"));
    await put("a", "x");
    await symlink("a", join(served.root, "link"));
    expect((await move("link", "d/link")).status).toBe(400);
    expect((await readdir(served.root)).sort()).toEqual(["a", "d", "link"]);
    await put("d/a", "y");
    expect((await move("link", "d/link")).status).toBe(400);
  });

  it.each([
    ["over a file", "a", "b", 409],
    ["over a folder", "a", "d", 409],
    ["over the root", "a", "", 409],
    ["below a file", "a", "b/c", 404],
    ["into no folder", "a", "no/a", 404],
    ["into itself", "d", "d/e", 400],
    ["from nothing", "no", "c", 404],
    ["the root", "", "c", 400],
    ["to no path", "a", 3, 400],
  ])("moves nothing %s", async (_, from, to, wanted) => {
    await mkdir(join(served.root, "d"));
    await put("a", "A");
    await put("b", "B");
    expect((await move(from, to)).status).toBe(wanted);
    expect([await text("a"), await text("b"), await readdir(join(served.root, "d"))]).toEqual(["A", "B", []]);
  });
});

describe("deleting", () => {
  const remove = (path: string) => served.ask("DELETE", `/api/contents/${path}`);

  it("deletes files, and folders in which nothing but checkpoints is left", async () => {
    await mkdir(join(served.root, "d", ".ipynb_checkpoints"), { recursive: true });
    await put("d/.ipynb_checkpoints/x", "");
    await put("a", "");
    expect([(await remove("a")).status, (await remove("d")).status]).toEqual([204, 204]);
    expect(await readdir(served.root)).toEqual([]);
  });

  it("keeps a folder with something in it, unless it is told otherwise, and always the root", async () => {
    await mkdir(join(served.root, "d"));
    await put("d/.hidden", "");
    const { status, json } = await remove("d");
    expect([status, json]).toEqual([
      400,
      { message: 'expected an empty folder at "d", found one that is not empty', reason: null },
    ]);
    expect((await remove("")).status).toBe(400);
    expect((await remove("no")).status).toBe(404);
    expect(await text("d/.hidden")).toBe("");

    const { root } = served;
    await served.close();
    served = await serveNewFolder({ deleteNonEmpty: true });
    expect(root).not.toBe(served.root);
    await mkdir(join(served.root, "d", "e"), { recursive: true });
    await put("d/e/x", "");
    expect((await remove("d")).status).toBe(204);
    expect((await remove("")).status).toBe(400);
    expect(await readdir(served.root)).toEqual([]);
  });
});

describe("checkpoints", () => {
  const at = (method: string, path: string) => served.ask(method, `/api/contents/${path}`);

  it("and copies are as private as their file, which keeps its permissions when it is restored", async () => {
    const mode = async (name: string): Promise<number> => (await stat(join(served.root, name))).mode & 0o777;
    await put("a.txt", "x");
    await at("POST", "a.txt/checkpoints");
    await chmod(join(served.root, "a.txt"), 0o600);
    await at("POST", "a.txt/checkpoints");
    expect(await mode(".ipynb_checkpoints/a-checkpoint.txt")).toBe(0o600);
    await served.ask("POST", "/api/contents", { body: { copy_from: "a.txt" } });
    expect(await mode("a-Copy1.txt")).toBe(0o600);
    await chmod(join(served.root, "a.txt"), 0o666);
    await at("POST", "a.txt/checkpoints/checkpoint");
    expect(await mode("a.txt")).toBe(0o666);
  });

  it("are made, listed, restored and deleted", async () => {
    await put("a b.txt", "one");
    expect((await at("GET", "a%20b.txt/checkpoints")).json).toEqual([]);
    const made = await at("POST", "a%20b.txt/checkpoints");
    expect([made.status, made.headers.location]).toEqual([201, "/api/contents/a%20b.txt/checkpoints/checkpoint"]);
    expect(made.json).toEqual({ id: "checkpoint", last_modified: expect.stringMatching(/Z$/u) as string });
    expect((await at("GET", "a%20b.txt/checkpoints")).json).toEqual([made.json]);
    expect(await text(".ipynb_checkpoints/a b-checkpoint.txt")).toBe("one");

    await put("a b.txt", "two");
    const before = await get("a%20b.txt?content=0");
    expect((await at("POST", "a%20b.txt/checkpoints/checkpoint")).status).toBe(204);
    expect(await text("a b.txt")).toBe("one");
    expect((await get("a%20b.txt?content=0")).last_modified > before.last_modified).toBe(true);

    expect((await at("DELETE", "a%20b.txt/checkpoints/checkpoint")).status).toBe(204);
    expect((await at("GET", "a%20b.txt/checkpoints")).json).toEqual([]);
    expect((await at("DELETE", "a%20b.txt/checkpoints/checkpoint")).status).toBe(404);
    expect((await at("POST", "a%20b.txt/checkpoints/checkpoint")).status).toBe(404);
    expect((await at("POST", "a%20b.txt/checkpoints/other")).status).toBe(404);
  });

  it("follow their file when it moves, and go with it", async () => {
    await mkdir(join(served.root, "d"));
    await put("a.txt", "one");
    await at("POST", "a.txt/checkpoints");
    await served.ask("PATCH", "/api/contents/a.txt", { body: { path: "d/b.md" } });
    expect((await at("GET", "a.txt/checkpoints")).json).toEqual([]);
    expect((await at("GET", "d/b.md/checkpoints")).json).toHaveLength(1);
    expect(await text("d/.ipynb_checkpoints/b-checkpoint.md")).toBe("one");
    await at("DELETE", "d/b.md");
    expect(await readdir(join(served.root, "d", ".ipynb_checkpoints"))).toEqual([]);
  });

  it("of a file that is gone do not become those of one that takes its name", async () => {
    await put("a.txt", "secret");
    await at("POST", "a.txt/checkpoints");
    await rm(join(served.root, "a.txt"));
    await put("b.txt", "other");
    await served.ask("PATCH", "/api/contents/b.txt", { body: { path: "a.txt" } });
    expect((await at("GET", "a.txt/checkpoints")).json).toEqual([]);
  });

  it("bring back a file that is gone", async () => {
    await put("a.txt", "one");
    await at("POST", "a.txt/checkpoints");
    await rm(join(served.root, "a.txt"));
    expect((await at("POST", "a.txt/checkpoints/checkpoint")).status).toBe(204);
    expect(await text("a.txt")).toBe("one");
  });

  it("are of files alone: below a folder their words are names", async () => {
    await mkdir(join(served.root, "d", "checkpoints"), { recursive: true });
    await put("d/checkpoints/checkpoint", "a file");
    await put("d/trust", "another");
    expect((await at("GET", "d/checkpoints")).json).toMatchObject({ type: "directory", path: "d/checkpoints" });
    expect((await at("GET", "d/checkpoints/checkpoint")).json).toMatchObject({ content: "a file" });
    expect((await at("GET", "d/trust")).json).toMatchObject({ content: "another" });
    expect((await served.ask("POST", "/api/contents/d/checkpoints", { body: { type: "file" } })).json).toMatchObject({
      path: "d/checkpoints/untitled",
    });
    expect((await at("DELETE", "d/checkpoints/checkpoint")).status).toBe(204);
    await rm(join(served.root, "d", "checkpoints"), { recursive: true });
    await put("d/checkpoints", "a file of this name");
    expect((await at("POST", "d/checkpoints/checkpoints")).status).toBe(201);
    expect((await at("GET", "d/checkpoints/checkpoints")).json).toHaveLength(1);
    expect((await at("GET", "d/checkpoints/checkpoints/checkpoint")).status).toBe(404);
    expect((await at("GET", "d/checkpoints/trust")).status).toBe(404);
    expect((await at("POST", "d/trust")).status).toBe(400);
    expect((await at("POST", "no.txt/checkpoints")).status).toBe(404);
  });
});
