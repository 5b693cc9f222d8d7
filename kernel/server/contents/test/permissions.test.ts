import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import { HttpError } from "../../http/route.ts";
import { createContents, type Contents } from "../contents.ts";
import type { Model } from "../model.ts";

let base: string;
let contents: Contents;

// Root may do everything. This file has a process of its own, which becomes somebody who may not, and stays so.
beforeAll(() => {
  if (process.getuid?.() === 0) {
    process.setgid?.(65534);
    process.setuid?.(65534);
  }
});

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "veelab-permissions-"));
  for (const folder of ["closed", "locked"]) {
    await mkdir(join(base, "root", folder, ".ipynb_checkpoints"), { recursive: true });
    await writeFile(join(base, "root", folder, "x.txt"), "old");
    await writeFile(join(base, "root", folder, ".ipynb_checkpoints", "x-checkpoint.txt"), "older");
  }
  await writeFile(join(base, "root", "mine.txt"), "mine");
  await writeFile(join(base, "root", "protected.txt"), "old");
  await writeFile(join(base, "root", "secret.txt"), "secret");
  await chmod(join(base, "root", "protected.txt"), 0o444);
  await chmod(join(base, "root", "secret.txt"), 0);
  await chmod(join(base, "root", "closed"), 0o555);
  await chmod(join(base, "root", "locked"), 0);
  contents = createContents({ root: join(base, "root"), dataFolder: join(base, "data") });
});
afterEach(async () => {
  await chmod(join(base, "root", "closed"), 0o755);
  await chmod(join(base, "root", "locked"), 0o755);
  await rm(base, { recursive: true });
});

const text = { type: "file", format: "text", content: "new" };

it.each<readonly [string, () => Promise<unknown>]>([
  ["save a file that its owner protected, though its folder permits it", () => contents.save("protected.txt", text)],
  ["upload over it", () => contents.save("protected.txt", { ...text, chunk: 1 })],
  ["save a file in a closed folder", () => contents.save("closed/x.txt", text)],
  ["save a new file there", () => contents.save("closed/new.txt", text)],
  ["upload one", () => contents.save("closed/new.txt", { ...text, chunk: 1 })],
  ["make a folder there", () => contents.save("closed/new", { type: "directory" })],
  ["make something untitled there", () => contents.untitled("closed")],
  ["copy into it", () => contents.copy("mine.txt", "closed")],
  ["move into it", () => contents.rename("mine.txt", "closed/mine.txt")],
  ["move out of it", () => contents.rename("closed/x.txt", "x.txt")],
  ["delete in it", () => contents.remove("closed/x.txt")],
  ["read a secret", () => contents.get("secret.txt")],
  ["hash a secret", () => contents.get("secret.txt", { content: false, hash: true })],
  ["download a secret", () => contents.open("secret.txt")],
  ["copy a secret", () => contents.copy("secret.txt", "")],
  ["list a locked folder", () => contents.get("locked")],
  ["read in it", () => contents.get("locked/x.txt")],
  ["save in it", () => contents.save("locked/x.txt", text)],
])("does not %s", async (_, act) => {
  const failed = await act().catch((cause: unknown) => cause);
  expect(failed).toBeInstanceOf(HttpError);
  expect(failed).toMatchObject({
    status: 403,
    message: expect.stringMatching(/^"[\w./]*": permission denied$/u) as string,
  });
  expect(await readFile(join(base, "root", "protected.txt"), "utf8")).toBe("old");
  expect(await readFile(join(base, "root", "closed", "x.txt"), "utf8")).toBe("old");
  expect(await readFile(join(base, "root", "mine.txt"), "utf8")).toBe("mine");
});

it("says what can be written, and lists what cannot be read", async () => {
  const { content } = await contents.get("");
  expect((content as Model[]).map(({ name, writable }) => [name, writable])).toEqual([
    ["closed", false],
    ["locked", false],
    ["mine.txt", true],
    ["protected.txt", false],
    ["secret.txt", false],
  ]);
  // A file is saved by replacing it in its folder.
  expect((await contents.get("closed/x.txt")).writable).toBe(false);
});
