import { lstat, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HttpError } from "../../http/route.ts";
import { createContents, type Contents } from "../contents.ts";
import type { Model } from "../model.ts";

/** A folder as a person would draw it: texts by path, and the folders. */
interface Tree {
  readonly files: Map<string, string>;
  readonly folders: Set<string>;
  readonly checkpoints: Map<string, string>;
}

const parentOf = (path: string): string => path.split("/").slice(0, -1).join("/");
const below = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** An operation, what it does to the drawing, and the status with which it is refused: 0 where it is done. */
interface Operation {
  readonly name: string;
  readonly act: (contents: Contents) => Promise<unknown>;
  readonly foretell: (tree: Tree) => number;
}

const isThere = ({ files, folders }: Tree, path: string): boolean => files.has(path) || folders.has(path);

const save = (path: string, content: string): Operation => ({
  name: `save ${path}`,
  act: (contents) => contents.save(path, { type: "file", format: "text", content }),
  foretell(tree) {
    if (!tree.folders.has(parentOf(path))) return 404;
    if (tree.folders.has(path)) return 400;
    tree.files.set(path, content);
    return 0;
  },
});

const upload = (path: string, parts: readonly string[]): Operation => ({
  name: `upload ${path}`,
  async act(contents) {
    for (const [index, content] of parts.entries())
      await contents.save(path, {
        type: "file",
        format: "text",
        content,
        chunk: index === parts.length - 1 ? -1 : index + 1,
      });
  },
  foretell: (tree) => save(path, parts.join("")).foretell(tree),
});

const makeFolder = (path: string): Operation => ({
  name: `folder ${path}`,
  act: (contents) => contents.save(path, { type: "directory" }),
  foretell(tree) {
    if (!tree.folders.has(parentOf(path))) return 404;
    if (tree.files.has(path)) return 400;
    tree.folders.add(path);
    return 0;
  },
});

const untitled = (folder: string): Operation => ({
  name: `untitled in ${folder}`,
  act: (contents) => contents.untitled(folder, { ext: ".txt" }),
  foretell(tree) {
    if (tree.files.has(folder)) return 400;
    if (!tree.folders.has(folder)) return 404;
    const at = (name: string): string => (folder === "" ? name : `${folder}/${name}`);
    for (let n = 0; ; n += 1) {
      const path = at(`untitled${n === 0 ? "" : n}.txt`);
      if (isThere(tree, path)) continue;
      tree.files.set(path, "");
      return 0;
    }
  },
});

const copy = (from: string, to: string): Operation => ({
  name: `copy ${from} to ${to}`,
  act: (contents) => contents.copy(from, to),
  foretell(tree) {
    if (tree.folders.has(from)) return 400;
    const content = tree.files.get(from);
    if (content === undefined) return 404;
    if (tree.folders.has(to)) {
      const name = from.split("/").at(-1)!;
      for (let n = 0; ; n += 1) {
        const tried = `${name}${n === 0 ? "" : `-Copy${n}`}`;
        const path = to === "" ? tried : `${to}/${tried}`;
        if (isThere(tree, path)) continue;
        tree.files.set(path, content);
        return 0;
      }
    }
    if (!tree.folders.has(parentOf(to))) return 404;
    if (tree.files.has(to)) return 409;
    tree.files.set(to, content);
    return 0;
  },
});

const rename = (from: string, to: string): Operation => ({
  name: `rename ${from} to ${to}`,
  act: (contents) => contents.rename(from, to),
  foretell(tree) {
    if (!isThere(tree, from)) return 404;
    if (below(to, from) && tree.folders.has(from) && tree.folders.has(parentOf(to))) return 400;
    if (!tree.folders.has(parentOf(to))) return 404;
    if (from === to) return 0;
    if (isThere(tree, to)) return 409;
    const moved = (path: string): string => (path === from || below(path, from) ? to + path.slice(from.length) : path);
    if (tree.files.has(from)) tree.checkpoints.delete(to);
    for (const texts of [tree.files, tree.checkpoints])
      for (const [path, content] of Array.from(texts)) {
        // A folder that moves leaves behind the checkpoint of a file that once had its name.
        if (texts === tree.checkpoints && path === from && tree.folders.has(from)) continue;
        texts.delete(path);
        texts.set(moved(path), content);
      }
    for (const folder of Array.from(tree.folders)) {
      tree.folders.delete(folder);
      tree.folders.add(moved(folder));
    }
    return 0;
  },
});

const remove = (path: string): Operation => ({
  name: `remove ${path}`,
  act: (contents) => contents.remove(path),
  foretell(tree) {
    if (!isThere(tree, path)) return 404;
    const inside = [...tree.files.keys(), ...tree.folders].some((other) => below(other, path));
    if (tree.folders.has(path)) {
      if (inside) return 400;
      tree.folders.delete(path);
      for (const checkpoint of Array.from(tree.checkpoints.keys()))
        if (below(checkpoint, path)) tree.checkpoints.delete(checkpoint);
      return 0;
    }
    tree.files.delete(path);
    tree.checkpoints.delete(path);
    return 0;
  },
});

const checkpoint = (path: string): Operation => ({
  name: `checkpoint ${path}`,
  act: (contents) => contents.checkpoints.create(path),
  foretell(tree) {
    if (tree.folders.has(path)) return 400;
    const content = tree.files.get(path);
    if (content === undefined) return 404;
    tree.checkpoints.set(path, content);
    return 0;
  },
});

const restore = (path: string): Operation => ({
  name: `restore ${path}`,
  act: (contents) => contents.checkpoints.restore(path, "checkpoint"),
  foretell(tree) {
    const content = tree.checkpoints.get(path);
    if (content === undefined) return 404;
    if (tree.folders.has(path)) return 400;
    tree.files.set(path, content);
    return 0;
  },
});

// Few names, so that operations meet each other's work.
const path = fc.array(fc.constantFrom("a", "b", "ü"), { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const folder = fc.oneof(path, fc.constant(""));
const content = fc.string({ unit: "grapheme", maxLength: 5 }).filter((text) => !/\p{Surrogate}/u.test(text));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(path, content).map(([at, text]) => save(at, text)),
  fc.tuple(path, fc.array(content, { minLength: 2, maxLength: 3 })).map(([at, parts]) => upload(at, parts)),
  path.map(makeFolder),
  path.map(makeFolder),
  folder.map(untitled),
  fc.tuple(path, folder).map(([from, to]) => copy(from, to)),
  fc.tuple(path, path).map(([from, to]) => rename(from, to)),
  path.map(remove),
  path.map(checkpoint),
  path.map(restore),
);

/** What a folder on disk holds, as the drawing would show it. */
async function drawn(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name);
    const name = file.slice(root.length + 1);
    if (entry.isDirectory()) {
      if (entry.name !== ".ipynb_checkpoints") found[name] = "a folder";
    } else found[name] = await readFile(file, "utf8");
  }
  return found;
}

function asDrawn({ files, folders, checkpoints }: Tree): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of folders) if (name !== "") found[name] = "a folder";
  for (const [name, text] of files) found[name] = text;
  for (const [name, text] of checkpoints) {
    const at = name.lastIndexOf("/") + 1;
    found[`${name.slice(0, at)}.ipynb_checkpoints/${name.slice(at)}-checkpoint`] = text;
  }
  return found;
}

const newTree = (): Tree => ({ files: new Map(), folders: new Set([""]), checkpoints: new Map() });
const statusOf = (done: Promise<unknown>): Promise<number> =>
  done.then(
    () => 0,
    (cause: unknown) => {
      if (cause instanceof HttpError) return cause.status;
      throw cause;
    },
  );

describe("any operations in any order", () => {
  let base: string;
  let runs = 0;
  beforeAll(async () => (base = await mkdtemp(join(tmpdir(), "veelab-tree-"))));
  afterAll(() => rm(base, { recursive: true }));
  const start = async (): Promise<{ root: string; contents: Contents }> => {
    const root = join(base, String((runs += 1)));
    await mkdir(root);
    return { root, contents: createContents({ root, dataFolder: join(base, "data") }) };
  };

  it("do to a folder what they would do to a drawing of it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
        const { root, contents } = await start();
        const tree = newTree();
        for (const { name, act, foretell } of operations) {
          const wanted = foretell(tree);
          expect(await statusOf(act(contents)), name).toBe(wanted);
        }
        expect(await drawn(root)).toEqual(asDrawn(tree));
        for (const [at, text] of tree.files) expect(await contents.get(at)).toMatchObject({ content: text });
        const { content: listed } = await contents.get("");
        const top = [...tree.files.keys(), ...tree.folders].filter((name) => name !== "" && !name.includes("/"));
        expect((listed as Model[]).map(({ name }) => name)).toEqual(top.sort());
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it("all at once lose and mix up nothing: what is there is what one of them wrote", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 2, maxLength: 12 }), async (operations) => {
        const { root, contents } = await start();
        await contents.save("a", { type: "directory" });
        await Promise.all(operations.map(({ act }) => statusOf(act(contents))));
        await contents.close();
        const found = await drawn(root);
        // No temporary file is left, and whatever is there can be read.
        expect(Object.keys(found).filter((name) => name.endsWith(".tmp"))).toEqual([]);
        for (const name of Object.keys(found).filter((each) => !each.includes(".ipynb_checkpoints"))) {
          const isFolder = (await lstat(join(root, name))).isDirectory();
          expect((await contents.get(name)).type).toBe(isFolder ? "directory" : "file");
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
