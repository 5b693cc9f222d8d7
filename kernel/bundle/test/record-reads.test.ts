import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { afterAll, beforeEach, expect, it } from "vitest";
import { packageRoot } from "../../package-root.ts";
import { recordReads } from "../reads.ts";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "veelab-record-reads-")));
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(scratch, "a folder "));
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});
const file = (path: string, content: string): string => {
  const place = join(folder, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, content);
  return place;
};

async function output(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } });
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return out + error;
}

/** What a module prints, and the files in its folder that it met. */
async function met(code: string): Promise<{ out: string; read: readonly string[]; looked: readonly string[] }> {
  const main = file("main.mjs", code);
  const { result, reads } = await recordReads((env) => output([main], env));
  const here = (paths: readonly string[]): readonly string[] =>
    paths.map((path) => relative(folder, path)).filter((path) => path.endsWith(".txt"));
  return { out: result, read: here(reads.read), looked: here(reads.looked) };
}

it("a result that is written beside its place and renamed, or copied there, is not data", async () => {
  file("data.txt", "1");
  const { out, read } = await met(`
    import fs from "node:fs";
    fs.writeFileSync("result.txt.part", fs.readFileSync("data.txt"));
    fs.renameSync("result.txt.part", "result.txt");
    await fs.promises.copyFile("result.txt", "copy.txt");
    console.log(fs.readFileSync("result.txt", "utf8") + fs.readFileSync("copy.txt", "utf8"));`);
  expect({ out, read }).toEqual({ out: "11\n", read: ["data.txt"] });
});

it("functions keep what they carry: their names, lengths and promisify's own forms", async () => {
  file("data.txt", "1");
  const { out, looked } = await met(`
    import fs from "node:fs";
    import { promisify } from "node:util";
    console.log(await promisify(fs.exists)("data.txt"), fs.readFileSync.name, fs.readFileSync.length);`);
  expect({ out, looked }).toEqual({ out: "true readFileSync 2\n", looked: ["data.txt"] });
});

it("a file that a package reads before the notebook does is the notebook's", async () => {
  file("data.txt", "1");
  file("other.txt", "1");
  file("node_modules/one/index.cjs", 'for (const f of ["data.txt", "other.txt"]) require("node:fs").readFileSync(f);');
  const { read, looked } = await met(`
    import fs from "node:fs";
    import "./node_modules/one/index.cjs";
    fs.readFileSync("data.txt");`);
  expect({ read, looked }).toEqual({ read: ["data.txt"], looked: ["other.txt"] });
});

it("what veelab reads for a notebook is the notebook's, also where veelab is a package in a folder with a space", async () => {
  file("data.txt", "1");
  file("other.txt", "1");
  const own = join(folder, "node_modules/veelab");
  file("node_modules/veelab/package.json", '{ "type": "module" }');
  const recorder = "dist/kernel/bundle/record-reads.js";
  mkdirSync(join(own, dirname(recorder)), { recursive: true });
  cpSync(join(packageRoot(), recorder), join(own, recorder));
  file("node_modules/veelab/dist/lib/reader.js", 'import fs from "node:fs";\nfs.readFileSync("data.txt");');
  file("node_modules/one/index.mjs", 'import fs from "node:fs";\nfs.readFileSync("other.txt");');
  const main = file(
    "main.mjs",
    'import "./node_modules/veelab/dist/lib/reader.js";\nimport "./node_modules/one/index.mjs";',
  );
  const { reads } = await recordReads((env) =>
    output([main], { ...env, NODE_OPTIONS: `--import=${pathToFileURL(join(own, recorder)).href}` }),
  );
  expect(reads.read).toContain(join(folder, "data.txt"));
  expect(reads.read).not.toContain(join(folder, "other.txt"));
  expect(reads.looked).toContain(join(folder, "other.txt"));
});
