import { spawnSync } from "node:child_process";
import { link, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createContents } from "../contents.ts";
import { openFile } from "../open-file.ts";
import { serveNewFolder, type Served } from "./served.ts";

const TREASURE = "what nobody may see";

let served: Served;
let outside: string;

const notebookOf = (source: string): string => {
  const cell = { cell_type: "markdown", id: "a", metadata: {}, source };
  return JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
};

/** All that is outside of the root, so that anything that touches it shows. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (path === served.root || path === served.data) continue;
    if (entry.isDirectory()) Object.assign(found, { [path]: "" }, await snapshot(path));
    else found[path] = entry.isSymbolicLink() ? await readlink(path) : await readFile(path, "utf8");
  }
  return found;
}

beforeEach(async () => {
  served = await serveNewFolder();
  outside = join(served.base, "outside");
  await mkdir(join(outside, "folder"), { recursive: true });
  await writeFile(join(outside, "canary"), TREASURE);
  await writeFile(join(outside, "folder", "canary.ipynb"), notebookOf(TREASURE));
  await writeFile(join(served.base, "canary"), TREASURE);
  // A folder whose path only begins like the root's.
  await mkdir(`${served.root}-2`);
  await writeFile(join(`${served.root}-2`, "canary"), TREASURE);
  await mkdir(join(served.root, "d"));
  await writeFile(join(served.root, "d", "x.txt"), "x");
});
afterEach(async () => {
  expect(served.log).toEqual([]);
  await served.close();
});

const file = { type: "file", format: "text", content: "written" };

/** Every way in which a path is used. */
const uses: readonly {
  readonly name: string;
  readonly use: (path: string) => Promise<{ status: number; bytes: Buffer }>;
}[] = [
  { name: "GET", use: (path) => served.ask("GET", `/api/contents/${path}`) },
  { name: "GET content=0", use: (path) => served.ask("GET", `/api/contents/${path}?content=0&hash=1`) },
  { name: "PUT file", use: (path) => served.ask("PUT", `/api/contents/${path}`, { body: file }) },
  { name: "PUT notebook", use: (path) => served.ask("PUT", `/api/contents/${path}`, { body: { type: "notebook" } }) },
  { name: "PUT directory", use: (path) => served.ask("PUT", `/api/contents/${path}`, { body: { type: "directory" } }) },
  { name: "PUT chunk", use: (path) => served.ask("PUT", `/api/contents/${path}`, { body: { ...file, chunk: 1 } }) },
  { name: "POST untitled", use: (path) => served.ask("POST", `/api/contents/${path}`, { body: { type: "file" } }) },
  {
    name: "POST copy to",
    use: (path) => served.ask("POST", `/api/contents/${path}`, { body: { copy_from: "d/x.txt" } }),
  },
  { name: "PATCH from", use: (path) => served.ask("PATCH", `/api/contents/${path}`, { body: { path: "d/stolen" } }) },
  { name: "DELETE", use: (path) => served.ask("DELETE", `/api/contents/${path}`) },
  { name: "POST checkpoint", use: (path) => served.ask("POST", `/api/contents/${path}/checkpoints`) },
  { name: "POST restore", use: (path) => served.ask("POST", `/api/contents/${path}/checkpoints/checkpoint`) },
  { name: "DELETE checkpoint", use: (path) => served.ask("DELETE", `/api/contents/${path}/checkpoints/checkpoint`) },
  { name: "POST trust", use: (path) => served.ask("POST", `/api/contents/${path}/trust`) },
  { name: "GET files", use: (path) => served.ask("GET", `/files/${path}`) },
  { name: "GET html", use: (path) => served.ask("GET", `/nbconvert/html/${path}`) },
];
/** Those in which a path comes in JSON, which no router has seen. */
const usesInJson: readonly {
  readonly name: string;
  readonly use: (path: string) => Promise<{ status: number; bytes: Buffer }>;
}[] = [
  { name: "PATCH to", use: (path) => served.ask("PATCH", "/api/contents/d/x.txt", { body: { path } }) },
  { name: "POST copy from", use: (path) => served.ask("POST", "/api/contents/d", { body: { copy_from: path } }) },
  { name: "POST ext", use: (ext) => served.ask("POST", "/api/contents/d", { body: { type: "file", ext } }) },
];

const hostile = [
  "..",
  "../canary",
  "../../../../../../../../etc/passwd",
  "d/../../canary",
  "%2e%2e/canary",
  "%2e%2e%2fcanary",
  "..%2fcanary",
  "..%5ccanary",
  "%252e%252e/canary",
  "d/%2e%2e/%2e%2e/canary",
  "/etc/passwd",
  "//etc/passwd",
  "%2fetc%2fpasswd",
  "d%00/../../canary",
  "x.txt%00.ipynb",
  ".hidden",
  ".hidden/x",
  "d/.hidden",
  ".ipynb_checkpoints/x",
  "..%c0%afcanary",
  "../root-2/canary",
  "~/canary",
  "file:///etc/passwd",
  "\\..\\canary",
];

/** Whether a browser's rules of paths leave a path such that it still asks for something that is not to be had. */
const isRefused = (path: string): boolean => /^\.[^.]|\/\.[^.]|%2f|%5c|%00|%c0/iu.test(path) && !path.startsWith("..");

describe("no path leads out of the root", () => {
  it.each(uses)("$name", async ({ use }) => {
    await mkdir(join(served.root, ".hidden"));
    await writeFile(join(served.root, ".hidden", "x"), TREASURE);
    const before = await snapshot(served.base);
    for (const path of hostile) {
      const { status, bytes } = await use(path);
      expect(await snapshot(served.base), path).toEqual(before);
      expect(bytes.includes(TREASURE) || bytes.includes("root:"), path).toBe(false);
      expect(status, path).toBeLessThan(500);
      if (isRefused(path)) expect([400, 404], path).toContain(status);
    }
    expect(await readdir(join(served.root, ".hidden"))).toEqual(["x"]);
    expect(await readFile(join(served.root, ".hidden", "x"), "utf8")).toBe(TREASURE);
  });

  it.each(usesInJson)("$name, in JSON", async ({ name, use }) => {
    const before = await snapshot(served.base);
    for (const path of hostile.flatMap((each) => [each, decodeURIComponent(each.replace("%c0%af", "%2f"))])) {
      const { status, bytes } = await use(path);
      expect(await snapshot(served.base), path).toEqual(before);
      expect(bytes.includes(TREASURE) || bytes.includes("root:"), path).toBe(false);
      expect(status, path).toBeLessThan(500);
      if (/(?:^|\/)\.|\\|\0/u.test(path) && name !== "POST ext") expect([400, 404], path).toContain(status);
    }
  });

  it("whatever the path, and however it is used", async () => {
    const part = fc.oneof(
      fc.constantFrom(
        "..",
        ".",
        "d",
        "x.txt",
        "canary",
        "outside",
        "root-2",
        "checkpoints",
        "trust",
        "link",
        "...",
        "",
      ),
      fc.constantFrom(
        "%2e%2e",
        "%2E%2e",
        "%2f",
        "..%2f",
        "%5c",
        "%00",
        "%",
        "%zz",
        "..;",
        "%ff",
        "..%00",
        "~",
        "*",
        "?x",
        "#",
      ),
      fc.string({ maxLength: 6 }).map(encodeURIComponent),
    );
    await symlink("../outside", join(served.root, "link"));
    const before = await snapshot(served.base);
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/")),
        fc.constantFrom(...uses, ...usesInJson),
        async (path, { use }) => {
          const sent = path.replaceAll(/[^\x21-\x7e]/gu, "");
          const { status, bytes } = await use(sent);
          expect(status).toBeLessThan(500);
          expect(bytes.includes(TREASURE)).toBe(false);
          expect(await snapshot(served.base)).toEqual(before);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("links that lead out of the root", () => {
  beforeEach(async () => {
    await symlink("../outside", join(served.root, "out"));
    await symlink(join(outside, "canary"), join(served.root, "out.txt"));
    await symlink(join(outside, "new"), join(served.root, "dangling"));
    await symlink(join(outside, "folder", "canary.ipynb"), join(served.root, "out.ipynb"));
    await symlink("loop", join(served.root, "loop"));
    // By way of a link inside that is harmless.
    await symlink("out", join(served.root, "twice"));
    // To a folder whose path only begins like the root's.
    await symlink("../root-2", join(served.root, "near"));
  });

  const paths = ["out", "out/", "out/canary", "out/folder/canary.ipynb", "out.txt", "out.ipynb", "loop", "loop/x"];
  it.each(uses)("$name", async ({ use }) => {
    const before = await snapshot(served.base);
    for (const path of [...paths, "twice/canary", "out/new/x", "near", "near/canary"]) {
      const { status, bytes } = await use(path);
      expect(status, path).toBe(404);
      expect(bytes.includes(TREASURE), path).toBe(false);
      expect(await snapshot(served.base), path).toEqual(before);
    }
    const links = ["d", "dangling", "loop", "near", "out", "out.ipynb", "out.txt", "twice"];
    expect((await readdir(served.root)).sort()).toEqual(links);
  });

  it.each(["out", "out/canary", "out/x", "out.txt", "twice/x", "loop/x", "near/x"])(
    "PATCH to %s, copy from it",
    async (path) => {
      const before = await snapshot(served.base);
      expect([404, 409]).toContain((await served.ask("PATCH", "/api/contents/d/x.txt", { body: { path } })).status);
      expect((await served.ask("POST", "/api/contents/d", { body: { copy_from: path } })).status).toBe(404);
      expect(await snapshot(served.base)).toEqual(before);
      expect(await readFile(join(served.root, "d", "x.txt"), "utf8")).toBe("x");
    },
  );

  it("are replaced where they lead nowhere, not written through", async () => {
    expect((await served.ask("PUT", "/api/contents/dangling", { body: file })).status).toBe(201);
    expect(await readFile(join(served.root, "dangling"), "utf8")).toBe("written");
    expect(await readdir(outside)).toEqual(["canary", "folder"]);
  });

  it("are not followed where a file became one after it was looked at", async () => {
    await expect(openFile({ path: "out.txt", file: join(served.root, "out.txt") })).rejects.toMatchObject({
      status: 404,
    });
  });

  it("are not listed", async () => {
    const { json } = await served.ask("GET", "/api/contents");
    expect((json as { content: { name: string }[] }).content.map(({ name }) => name)).toEqual(["d"]);
  });

  it("hold no checkpoints: neither their folder nor the checkpoint itself", async () => {
    await symlink("../../outside/folder", join(served.root, "d", ".ipynb_checkpoints"));
    const before = await snapshot(served.base);
    expect((await served.ask("POST", "/api/contents/d/x.txt/checkpoints")).status).toBe(404);
    expect((await served.ask("GET", "/api/contents/d/x.txt/checkpoints")).json).toEqual([]);
    expect((await served.ask("PUT", "/api/contents/d/n.ipynb", { body: { type: "notebook" } })).status).toBe(201);
    await served.ask("PATCH", "/api/contents/d/n.ipynb", { body: { path: "d/m.ipynb" } });
    expect(await snapshot(served.base)).toEqual(before);

    await mkdir(join(served.root, "e", ".ipynb_checkpoints"), { recursive: true });
    await writeFile(join(served.root, "e", "x.txt"), "x");
    await symlink(join(outside, "canary"), join(served.root, "e", ".ipynb_checkpoints", "x-checkpoint.txt"));
    expect((await served.ask("GET", "/api/contents/e/x.txt/checkpoints")).json).toEqual([]);
    expect((await served.ask("POST", "/api/contents/e/x.txt/checkpoints/checkpoint")).status).toBe(404);
    expect(await readFile(join(served.root, "e", "x.txt"), "utf8")).toBe("x");
    expect((await served.ask("POST", "/api/contents/e/x.txt/checkpoints")).status).toBe(201);
    expect(await snapshot(served.base)).toEqual(before);
  });

  it("carry no images into an exported page", async () => {
    await writeFile(join(outside, "folder", "secret.png"), "SECRET");
    await writeFile(
      join(served.root, "d", "n.ipynb"),
      notebookOf("![](../out/folder/secret.png) ![](../../outside/folder/secret.png)"),
    );
    const { status, bytes } = await served.ask("GET", "/nbconvert/html/d/n.ipynb");
    expect([status, bytes.includes(Buffer.from("SECRET").toString("base64"))]).toEqual([200, false]);
  });

  it("are deleted as links with a folder that is deleted with its content", async () => {
    await served.contents.close();
    const contents = createContents({ root: served.root, dataFolder: served.data, deleteNonEmpty: true });
    await symlink("../../outside", join(served.root, "d", "out"));
    const before = await snapshot(served.base);
    await contents.remove("d");
    expect(await snapshot(served.base)).toEqual(before);
  });
});

describe("links that stay inside", () => {
  it("are read, listed and written through", async () => {
    await symlink("d", join(served.root, "folder"));
    await symlink("d/x.txt", join(served.root, "y.txt"));
    expect((await served.ask("GET", "/api/contents/folder/x.txt")).json).toMatchObject({
      path: "folder/x.txt",
      content: "x",
    });
    expect((await served.ask("PUT", "/api/contents/y.txt", { body: file })).status).toBe(200);
    expect(await readFile(join(served.root, "d", "x.txt"), "utf8")).toBe("written");
    expect(await readlink(join(served.root, "y.txt"))).toBe("d/x.txt");
  });

  it("may be the root itself", async () => {
    await symlink("root", join(served.base, "alias"));
    const contents = createContents({ root: join(served.base, "alias"), dataFolder: served.data });
    expect(await contents.get("d/x.txt")).toMatchObject({ content: "x" });
  });
});

describe("hidden files", () => {
  it("are served where the server was told to, but never their like above the root", async () => {
    const contents = createContents({ root: served.root, dataFolder: served.data, allowHidden: true });
    await contents.save(".hidden", { type: "directory" });
    await contents.save(".hidden/.x", { ...file });
    expect(await contents.get(".hidden")).toMatchObject({ content: [{ name: ".x" }] });
    for (const path of ["..", "../canary", ".hidden/../../canary", "."])
      await expect(contents.get(path)).rejects.toMatchObject({ status: 404 });
  });

  it("cannot be made by renaming", async () => {
    for (const path of [".x", "d/.x", ".ipynb_checkpoints/x", "d/.ipynb_checkpoints"])
      expect((await served.ask("PATCH", "/api/contents/d/x.txt", { body: { path } })).status).toBe(404);
  });
});

describe("what is neither file nor folder", () => {
  it.each(
    uses.filter(({ name }) => !name.includes("directory") && !name.includes("restore") && name !== "DELETE checkpoint"),
  )(
    "a pipe is not waited for: $name",
    async ({ use }) => {
      expect(spawnSync("mkfifo", [join(served.root, "pipe.ipynb")]).status).toBe(0);
      const { status } = await use("pipe.ipynb");
      expect([400, 404]).toContain(status);
      expect((await stat(join(served.root, "pipe.ipynb"))).isFIFO()).toBe(true);
    },
    5000,
  );

  it("neither is a socket, nor a pipe that an exported notebook shows as an image", async () => {
    const socket = createServer().listen(join(served.root, "socket"));
    expect((await served.ask("GET", "/api/contents/socket")).status).toBe(400);
    expect((await served.ask("GET", "/files/socket")).status).toBe(400);
    socket.close();
    expect(spawnSync("mkfifo", [join(served.root, "d", "pipe.png")]).status).toBe(0);
    await writeFile(join(served.root, "d", "n.ipynb"), notebookOf("![](pipe.png)"));
    expect((await served.ask("GET", "/nbconvert/html/d/n.ipynb")).status).toBe(200);
    expect((await served.ask("GET", "/api/contents")).json).toMatchObject({ content: [{ name: "d" }] });
  }, 10_000);

  it("does not become a checkpoint, nor hold one back", async () => {
    await mkdir(join(served.root, "d", ".ipynb_checkpoints"));
    expect(spawnSync("mkfifo", [join(served.root, "d", ".ipynb_checkpoints", "x-checkpoint.txt")]).status).toBe(0);
    expect((await served.ask("GET", "/api/contents/d/x.txt/checkpoints")).json).toEqual([]);
    expect((await served.ask("POST", "/api/contents/d/x.txt/checkpoints/checkpoint")).status).toBe(404);
    expect((await served.ask("POST", "/api/contents/d/x.txt/checkpoints")).status).toBe(201);
    expect((await served.ask("POST", "/api/contents/d/x.txt/checkpoints/checkpoint")).status).toBe(204);
  }, 5000);
});

describe("a file with two names", () => {
  it("is two files to a rename", async () => {
    await link(join(served.root, "d", "x.txt"), join(served.root, "d", "y.txt"));
    expect((await served.ask("PATCH", "/api/contents/d/x.txt", { body: { path: "d/y.txt" } })).status).toBe(409);
  });
});
