import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { isJsonObject } from "../../../protocol/json.ts";
import { parseNotebook } from "../../../run/read-notebook.ts";
import { formatNotebook } from "../../../run/write-notebook.ts";
import { pythonWith } from "../../../run/test/python.ts";
import type { Model } from "../model.ts";
import { startJupyterServer, type JupyterServer } from "./jupyter-server.ts";
import { CASES, type Difference } from "./jupyter-server-cases.ts";
import { serveNewFolder, type Answer, type Served } from "./served.ts";

const python = pythonWith("jupyter_server");

/** The files with which both begin. */
async function makeFiles(root: string): Promise<void> {
  const book = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  const cell = {
    cell_type: "code",
    execution_count: null,
    id: "abc",
    metadata: { tags: ["x"] },
    outputs: [],
    source: ["1 +\n", "1"],
  };
  const { id: _, ...withoutId } = cell;
  const files: Record<string, string | Buffer> = {
    "README.md": "# Hello\n",
    "data.csv": "a,b\r\n1,2\r\n",
    "script.py": "print(1)",
    "odd/code.ts": "1;",
    "ü b#.txt": "ü",
    "image.png": Buffer.from("89504e470d0a1a0a00ff", "hex"),
    "latin.unknown": Buffer.from([0xe4, 0x0a]),
    // As nbformat writes it: Jupyter's copies are saved anew, ours are copies.
    "n.ipynb": formatNotebook(parseNotebook(JSON.stringify({ ...book, cells: [cell] }), "n.ipynb")),
    "old.ipynb": JSON.stringify({ ...book, nbformat_minor: 2, cells: [withoutId] }),
    "v3.ipynb": JSON.stringify({ nbformat: 3, nbformat_minor: 0, metadata: {}, worksheets: [] }),
    "unknown-field.ipynb": JSON.stringify({ ...book, cells: [{ ...cell, strange: 1 }] }),
    "broken.ipynb": "{",
    ".secret": "secret",
    "sub/deep.txt": "deep",
    "sub/.hidden": "hidden",
    "../outside/x.txt": "outside",
  };
  await mkdir(join(root, "sub"));
  await mkdir(join(root, "odd"));
  await mkdir(join(root, "..", "outside"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, name), content);
  await symlink("../README.md", join(root, "odd", "link.md"));
  await symlink("../../outside/x.txt", join(root, "odd", "out.txt"));
  await symlink("../../outside", join(root, "odd", "out"));
  expect(spawnSync("mkfifo", [join(root, "odd", "pipe")]).status).toBe(0);
}

/** A model as far as two servers at two times can agree on it; its hash came with version 2 of theirs. */
function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled);
  if (!isJsonObject(value)) return value;
  const {
    created: _created,
    last_modified: _modified,
    hash: _hash,
    hash_algorithm: _algorithm,
    content,
    ...model
  } = value;
  // Python breaks base64 into lines.
  if (model["format"] === "base64" && typeof content === "string")
    return { ...model, content: content.replaceAll("\n", "") };
  if (!Array.isArray(content)) return { ...model, content };
  const byName = (content as Model[]).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { ...model, content: settled(byName) };
}

/** What of two answers differs. */
function difference(our: Answer, their: Answer): Pick<Difference, "status" | "fields"> {
  if (our.status !== their.status) return { status: [our.status, their.status] };
  if (our.status >= 400) return {}; // Each has its own words.
  const headers = ["location", "content-type", "content-disposition"].filter(
    (name) => our.bytes.length > 0 && plain(our.headers[name]) !== plain(their.headers[name]),
  );
  const [a, b] = [settled(our.json), settled(their.json)];
  const names = isJsonObject(a) && isJsonObject(b) ? Object.keys({ ...a, ...b }) : [];
  const fields =
    isJsonObject(a) && isJsonObject(b)
      ? names.filter((name) => !isDeepStrictEqual(a[name], b[name]))
      : isDeepStrictEqual(a ?? our.bytes, b ?? their.bytes)
        ? []
        : ["body"];
  const differing = [...fields, ...headers];
  return differing.length === 0 ? {} : { fields: differing };
}

/** A header without what clients do not look at. */
function plain(header: string | string[] | undefined): string | undefined {
  const text = header === undefined ? undefined : String(header);
  const [, name] = /filename\*=utf-8''(\S+)/iu.exec(text ?? "") ?? [];
  return name === undefined ? text?.replace(/;.*/u, "") : decodeURIComponent(name);
}

/** The files of a root, apart from folders of checkpoints that are empty. */
async function tree(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) found[file.slice(root.length + 1)] = await readFile(file, "latin1");
    else if (entry.name !== ".ipynb_checkpoints") found[file.slice(root.length + 1)] = "-";
  }
  return found;
}

describe.skipIf(python === undefined)("the same requests to Jupyter's own server", () => {
  let ours: Served;
  let theirs: JupyterServer;
  let base: string;
  beforeAll(async () => {
    ours = await serveNewFolder();
    base = await mkdtemp(join(tmpdir(), "veelab-jupyter-"));
    await mkdir(join(base, "root"));
    await makeFiles(ours.root);
    await makeFiles(join(base, "root"));
    theirs = await startJupyterServer(python!, base, join(base, "root"));
  }, 60_000);
  afterAll(async () => {
    expect(ours.log).toEqual([]);
    await theirs.close();
    await ours.close();
    await rm(base, { recursive: true });
  });

  it.each(CASES.map((each) => ({ ...each, name: JSON.stringify(each.asked).slice(0, 120) })))(
    "$endpoint: $name",
    async ({ asked: [method, path, body], differs }) => {
      const sent = body === undefined ? {} : { body };
      const [our, their] = [await ours.ask(method, path, sent), await theirs.ask(method, path, sent)];
      const { because: _because, files = false, ...known }: Partial<Difference> = differs ?? {};
      expect(difference(our, their)).toEqual(known);
      const [ourFiles, theirFiles] = [await tree(ours.root), await tree(join(base, "root"))];
      if (files) expect(ourFiles).not.toEqual(theirFiles);
      else expect(ourFiles).toEqual(theirFiles);
    },
  );
});
