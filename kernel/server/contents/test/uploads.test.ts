import { mkdir, readdir, readFile, rename, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { JsonObject } from "../../../protocol/json.ts";
import { serveNewFolder, type Answer, type Served } from "./served.ts";

let served: Served;
beforeEach(async () => (served = await serveNewFolder()));
afterEach(async () => {
  expect(served.log).toEqual([]);
  await served.close();
});

const part = (path: string, chunk: unknown, bytes: Uint8Array | string, more: JsonObject = {}): Promise<Answer> =>
  served.ask("PUT", `/api/contents/${path}`, {
    body: { type: "file", format: "base64", content: Buffer.from(bytes).toString("base64"), chunk, ...more },
  });
const files = (): Promise<string[]> => readdir(served.root);

describe("an upload in parts", () => {
  it("leaves the file as it was until the last part is there", async () => {
    await writeFile(join(served.root, "x.bin"), "old");
    const first = await part("x.bin", 1, "one ");
    expect([first.status, first.json]).toEqual([
      200,
      expect.objectContaining({ name: "x.bin", path: "x.bin", type: "file", size: 4, content: null, format: null }),
    ]);
    expect((await part("x.bin", 2, "two ")).json).toMatchObject({ size: 8 });
    expect(await readFile(join(served.root, "x.bin"), "utf8")).toBe("old");
    // What is half there is not shown.
    expect((await served.ask("GET", "/api/contents")).json).toMatchObject({ content: [{ name: "x.bin", size: 3 }] });
    const last = await part("x.bin", -1, "three");
    expect([last.status, last.headers.location]).toEqual([200, "/api/contents/x.bin"]);
    expect(last.json).toMatchObject({ size: 13, mimetype: "application/octet-stream", type: "file" });
    expect(await readFile(join(served.root, "x.bin"), "utf8")).toBe("one two three");
    expect(await files()).toEqual(["x.bin"]);
  });

  it("makes a file that was not there", async () => {
    await mkdir(join(served.root, "d"));
    expect((await part("d/n.ipynb", 1, "{")).status).toBe(200);
    expect((await served.ask("GET", "/api/contents/d/n.ipynb")).status).toBe(404);
    expect((await part("d/n.ipynb", -1, "}")).status).toBe(201);
    expect(await readFile(join(served.root, "d", "n.ipynb"), "utf8")).toBe("{}");
  });

  it("begins anew with its first part", async () => {
    await part("x", 1, "aaa");
    await part("x", 1, "b");
    await part("x", -1, "c");
    expect(await readFile(join(served.root, "x"), "utf8")).toBe("bc");
    expect(await files()).toEqual(["x"]);
  });

  it("is given up when a part is not the next, since it may be another's", async () => {
    await part("x", 1, "a");
    const { status, json } = await part("x", 3, "c");
    expect([status, json]).toEqual([
      400,
      { message: 'expected part 2 of the upload of "x", got part 3: upload it again', reason: null },
    ]);
    expect((await part("x", 2, "b")).status).toBe(400);
    expect((await part("x", -1, "d")).status).toBe(400);
    expect(await files()).toEqual([]);
  });

  it.each([
    ["of a notebook", 1, { type: "notebook" }],
    ["of a folder", 1, { type: "directory" }],
    ["without a type", 1, { type: null }],
    ["without content", 1, { content: null }],
    ["with content that is no base64", 1, { content: "%" }],
    ["without format", 1, { format: null }],
    ["number 0", 0, {}],
    ["number -2", -2, {}],
    ["number 1.5", 1.5, {}],
    ["number 1, as text", "1", {}],
    ["that is the last without a first", -1, {}],
    ["that is the second without a first", 2, {}],
  ])("takes no part %s", async (_, chunk, more) => {
    expect((await part("x", chunk, "a", more)).status).toBe(400);
    expect(await files()).toEqual([]);
  });

  it("is not made below a file, in no folder, or over a folder", async () => {
    await mkdir(join(served.root, "d"));
    await writeFile(join(served.root, "f"), "");
    expect((await part("f/x", 1, "a")).status).toBe(404);
    expect((await part("no/x", 1, "a")).status).toBe(404);
    expect((await part("d", 1, "a")).status).toBe(400);
    expect((await files()).sort()).toEqual(["d", "f"]);
  });

  it("leaves nothing behind at the server's end, nor when no part comes any more", async () => {
    await part("x", 1, "a");
    expect(await files()).toHaveLength(1);
    await served.contents.close();
    expect(await files()).toEqual([]);

    const { root } = served;
    await served.close();
    served = await serveNewFolder({ abandonUploadsAfterMs: 6000 });
    expect(served.root).not.toBe(root);
    await part("x", 1, "a");
    await wait(3500);
    await part("x", 2, "b");
    await wait(3500);
    expect(await files(), "each part buys time").toHaveLength(1);
    await expect.poll(files, { timeout: 20_000 }).toEqual([]);
    expect((await part("x", -1, "c")).status).toBe(400);
  });

  it("is as private as the file that it replaces", async () => {
    await writeFile(join(served.root, "x"), "old", { mode: 0o600 });
    const modes = async (): Promise<number[]> =>
      Promise.all((await files()).map(async (name) => (await stat(join(served.root, name))).mode & 0o777));
    await part("x", 1, "a");
    expect(await modes()).toEqual([0o600, 0o600]);
    await part("x", -1, "b");
    expect(await modes()).toEqual([0o600]);
  });

  it("fails when its folder has gone, and then knows nothing of it", async () => {
    await mkdir(join(served.root, "d"));
    await part("d/x", 1, "a");
    await rename(join(served.root, "d"), join(served.root, "e"));
    expect((await part("d/x", -1, "b")).status).toBe(404);
    expect((await served.ask("GET", "/api/contents/e")).json).toMatchObject({ content: [] });
  });

  it("writes through a link inside the root", async () => {
    await writeFile(join(served.root, "x"), "old");
    await symlink("x", join(served.root, "link"));
    await part("link", 1, "a");
    await part("link", -1, "b");
    expect(await readFile(join(served.root, "x"), "utf8")).toBe("ab");
  });

  it("makes the file of which the parts are, whatever is uploaded beside it and in whatever pieces", async () => {
    const upload = async (path: string, pieces: readonly Uint8Array[]): Promise<void> => {
      for (const [index, piece] of pieces.entries())
        expect((await part(path, index === pieces.length - 1 ? -1 : index + 1, piece)).status).toBeLessThan(300);
    };
    const pieces = fc.array(fc.uint8Array({ maxLength: 2000 }), { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pieces, pieces, async (a, b) => {
        await Promise.all([upload("a", a), upload("b", b)]);
        expect(await readFile(join(served.root, "a"))).toEqual(Buffer.concat(a));
        expect(await readFile(join(served.root, "b"))).toEqual(Buffer.concat(b));
      }),
      { numRuns: 25 },
    );
    expect((await files()).sort()).toEqual(["a", "b"]);
  });
});
