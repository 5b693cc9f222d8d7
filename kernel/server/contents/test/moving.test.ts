import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Model } from "../model.ts";
import { serveAnew, served, put, text, notebook } from "./served-each.ts";

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
    await serveAnew({ deleteNonEmpty: true });
    expect(root).not.toBe(served.root);
    await mkdir(join(served.root, "d", "e"), { recursive: true });
    await put("d/e/x", "");
    expect((await remove("d")).status).toBe(204);
    expect((await remove("")).status).toBe(400);
    expect(await readdir(served.root)).toEqual([]);
  });
});
