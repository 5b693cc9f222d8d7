import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Model } from "../model.ts";
import { served, put, text, get, notebook, codeCell } from "./served-each.ts";

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
