import { spawnSync } from "node:child_process";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createContents, type Contents } from "../contents.ts";
import type { Model } from "../model.ts";
import { HttpError } from "../../http/route.ts";

/** Mounts a file system; what it answers is why not. */
function mount(...options: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync("mount", options, { encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** Whether this process may mount, which containers often may not. */
async function mayMount(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "veelab-mount-"));
  const why = mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder);
  if (why === undefined) spawnSync("umount", [folder]);
  else console.warn(`skipped: real full and read-only disks: no mounting here (${why})`);
  await rm(folder, { recursive: true });
  return why === undefined;
}

const status = async (done: Promise<unknown>): Promise<number> =>
  done.then(
    () => 0,
    (cause: unknown) => {
      if (!(cause instanceof HttpError)) throw cause;
      // A sentence that names the path of the API, and not where the server keeps it.
      expect(cause.message).not.toContain(tmpdir());
      return cause.status;
    },
  );

const textFile = (content: string) => ({ type: "file", format: "text", content });
const notebook = (source: string) => ({
  type: "notebook",
  content: {
    cells: [{ cell_type: "markdown", id: "a", metadata: {}, source }],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  },
});

const possible = await mayMount();

describe.skipIf(!possible)("a disk that is full", () => {
  let base: string;
  let disk: string;
  let contents: Contents;

  const text = (path: string): Promise<string> => readFile(join(disk, path), "utf8");
  /** Fills the disk to its last byte. */
  const fill = async (): Promise<void> => {
    for (const size of [65536, 4096, 512, 1]) {
      try {
        for (;;) await appendFile(join(disk, "filler"), "x".repeat(size));
      } catch (cause) {
        expect((cause as NodeJS.ErrnoException).code).toBe("ENOSPC");
      }
    }
  };

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "veelab-full-"));
    disk = join(base, "disk");
    await mkdir(disk);
    expect(mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", disk)).toBeUndefined();
    contents = createContents({ root: disk, dataFolder: join(base, "data") });
  });
  afterEach(async () => {
    await contents.close();
    expect(spawnSync("umount", [disk]).status).toBe(0);
    await rm(base, { recursive: true });
  });

  it("leaves a file that cannot be saved as it was, and nothing beside it", async () => {
    await contents.save("x.txt", textFile("old"));
    expect(await status(contents.save("x.txt", textFile("new".repeat(1_000_000))))).toBe(507);
    expect([await text("x.txt"), await readdir(disk)]).toEqual(["old", ["x.txt"]]);
    await contents.save("x.txt", textFile("smaller"));
    expect(await text("x.txt")).toBe("smaller");
  });

  it("leaves a notebook that cannot be saved as it was", async () => {
    await contents.save("n.ipynb", notebook("old"));
    const before = await text("n.ipynb");
    expect(await status(contents.save("n.ipynb", notebook("new".repeat(1_000_000))))).toBe(507);
    expect(await text("n.ipynb")).toBe(before);
    expect((await readdir(disk)).sort()).toEqual([".ipynb_checkpoints", "n.ipynb"]);
  });

  it("saves a notebook for whose checkpoint there is no room", async () => {
    await contents.save("n.ipynb", notebook("x".repeat(600_000)));
    expect(await text("n.ipynb")).toContain("xxx");
    expect(await contents.checkpoints.list("n.ipynb")).toEqual([]);
    expect(await status(contents.checkpoints.create("n.ipynb"))).toBe(507);
    expect(await readdir(join(disk, ".ipynb_checkpoints"))).toEqual([]);
  });

  it("gives up an upload, and leaves the file that it was to replace", async () => {
    await contents.save("x.bin", textFile("old"));
    const part = (chunk: number) => contents.save("x.bin", { ...textFile("x".repeat(400_000)), chunk });
    expect([await status(part(1)), await status(part(2)), await status(part(3))]).toEqual([0, 0, 507]);
    expect([await text("x.bin"), await readdir(disk)]).toEqual(["old", ["x.bin"]]);
    expect(await status(part(-1))).toBe(400);
  });

  it("makes no copy, no notebook and no half of either", async () => {
    await contents.save("x.bin", textFile("x".repeat(600_000)));
    expect(await status(contents.copy("x.bin", ""))).toBe(507);
    expect(await readdir(disk)).toEqual(["x.bin"]);
    await fill();
    expect(await status(contents.untitled("", { type: "notebook" }))).toBe(507);
    expect((await readdir(disk)).sort()).toEqual(["filler", "x.bin"]);
  });

  it("restores nothing by half", async () => {
    await contents.save("x.txt", textFile("old".repeat(100_000)));
    await contents.checkpoints.create("x.txt");
    await contents.save("x.txt", textFile("new"));
    await fill();
    expect(await status(contents.checkpoints.restore("x.txt", "checkpoint"))).toBe(507);
    expect(await text("x.txt")).toBe("new");
  });

  it("still renames and deletes", async () => {
    await contents.save("x.txt", textFile("x"));
    await fill();
    await contents.rename("x.txt", "y.txt");
    await contents.remove("filler");
    expect(await readdir(disk)).toEqual(["y.txt"]);
  });

  it("keeps no one from saving where only the signatures have no room", async () => {
    const root = join(base, "root");
    await mkdir(root);
    await fill();
    const elsewhere = createContents({ root, dataFolder: join(disk, "data") });
    await elsewhere.save("n.ipynb", notebook("x"));
    expect((await elsewhere.get("n.ipynb")).type).toBe("notebook");
  });
});

describe.skipIf(!possible)("a disk that is read-only", () => {
  let base: string;
  let contents: Contents;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "veelab-read-only-"));
    await mkdir(join(base, "source", "d", ".ipynb_checkpoints"), { recursive: true });
    await writeFile(join(base, "source", "x.txt"), "old");
    await writeFile(join(base, "source", ".ipynb_checkpoints"), "");
    await writeFile(join(base, "source", "d", "y.txt"), "old");
    await writeFile(join(base, "source", "d", ".ipynb_checkpoints", "y-checkpoint.txt"), "older");
    await writeFile(join(base, "source", "n.ipynb"), JSON.stringify(notebook("old").content));
    await mkdir(join(base, "disk"));
    expect(mount("--bind", join(base, "source"), join(base, "disk"))).toBeUndefined();
    expect(mount("-o", "remount,ro,bind", join(base, "disk"))).toBeUndefined();
    contents = createContents({ root: join(base, "disk"), dataFolder: join(base, "disk", "data") });
  });
  afterAll(async () => {
    expect(spawnSync("umount", [join(base, "disk")]).status).toBe(0);
    await rm(base, { recursive: true });
  });

  it.each<readonly [string, () => Promise<unknown>]>([
    ["saves no file", () => contents.save("x.txt", textFile("new"))],
    ["saves no new file", () => contents.save("new.txt", textFile("new"))],
    ["saves no notebook", () => contents.save("n.ipynb", notebook("new"))],
    ["makes no folder", () => contents.save("new", { type: "directory" })],
    ["makes nothing untitled", () => contents.untitled("d", { type: "file" })],
    ["makes no untitled notebook", () => contents.untitled("d", { type: "notebook" })],
    ["copies nothing", () => contents.copy("x.txt", "d")],
    ["renames nothing", () => contents.rename("x.txt", "y.txt")],
    ["deletes no file", () => contents.remove("x.txt")],
    ["deletes no folder", () => contents.remove("d")],
    ["takes no upload", () => contents.save("x.txt", { ...textFile("new"), chunk: 1 })],
    ["makes no checkpoint", () => contents.checkpoints.create("d/y.txt")],
    ["restores nothing", () => contents.checkpoints.restore("d/y.txt", "checkpoint")],
    ["deletes no checkpoint", () => contents.checkpoints.remove("d/y.txt", "checkpoint")],
  ])("%s, and says why", async (name, change) => {
    const failed = await change().catch((cause: unknown) => cause);
    expect(failed).toBeInstanceOf(HttpError);
    if (name === "deletes no folder") expect((failed as HttpError).status).toBe(400);
    else expect(failed).toMatchObject({ status: 403, message: expect.stringMatching(/read-only$/u) as string });
    expect(await readFile(join(base, "source", "x.txt"), "utf8")).toBe("old");
    expect((await readdir(join(base, "source"))).sort()).toEqual([".ipynb_checkpoints", "d", "n.ipynb", "x.txt"]);
  });

  it("is read as ever, and said to be read-only", async () => {
    expect(await contents.get("x.txt")).toMatchObject({ content: "old", writable: false });
    const { content } = await contents.get("");
    expect((content as readonly Model[]).map(({ writable }) => writable)).toEqual([false, false, false]);
  });

  it("trusts for as long as the server runs, where it can keep nothing", async () => {
    await contents.trust("n.ipynb");
    expect(await contents.get("n.ipynb")).toMatchObject({ type: "notebook" });
  });
});
