import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../package-root.ts";
import { newWith } from "../new-command.ts";
import { newPaper } from "../new-paper.ts";
import { checkPaperName } from "../paper-name.ts";
import { readNotebook } from "../../run/read-notebook.ts";

const root = packageRoot();
const scratch = mkdtempSync(join(tmpdir(), "veelab-new-"));
const clone = join(scratch, "veelab");

/** The files of this clone that a new system meets, and what was built from them. */
beforeAll(() => {
  mkdirSync(join(clone, "notebooks"), { recursive: true });
  const files = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name } of files) cpSync(join(root, name), join(clone, name));
  const skipped = new Set(["node_modules", "page", "bench"]);
  for (const folder of ["dist", "kernel", "lib", "datasets"])
    cpSync(join(root, folder), join(clone, folder), {
      recursive: true,
      filter: (path) => !skipped.has(basename(path)) && !basename(path).startsWith("examples-"),
    });
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function run(args: readonly string[], cwd = clone): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
}
const veelab = (...args: readonly string[]): ReturnType<typeof run> => run(["dist/kernel/cli.js", ...args]);
const passes = (...args: readonly string[]): void => {
  const { status, stdout, stderr } = run(args);
  expect(status, stdout + stderr).toBe(0);
};
const text = (path: string): string => readFileSync(join(clone, path), "utf8");

describe("veelab new paper", () => {
  beforeAll(() => {
    const about = ["--title", 'On "$&" and others', "--authors", "A. One, B. Two", "--doi", "10.1145/1952682.1952700"];
    const { status, stderr, stdout } = veelab("new", "paper", "demo-paper", ...about);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain("lib/demo-paper/simulate.ts\n");
  });

  it("says the paper in PAPER.md, the notebook and the catalogue, and the template's name nowhere", async () => {
    const reference = "[doi:10.1145/1952682.1952700](https://doi.org/10.1145/1952682.1952700)";
    expect(text("lib/demo-paper/PAPER.md")).toContain(`# On "$&" and others\n\nA. One, B. Two. ${reference}.`);
    const { cells } = await readNotebook(join(clone, "notebooks/demo-paper.ipynb"));
    expect(cells[0]?.source).toContain(`# On "$&" and others\n\nA. One, B. Two: *On "$&" and others.* ${reference}.`);
    expect(text("README.md")).toContain('| One and Two, [*On "$&" and others*](notebooks/demo-paper.ipynb), [10.1145/');
    const { resources } = JSON.parse(text("datasets/datapackage.json")) as { resources: { name: string }[] };
    expect(resources.find(({ name }) => name === "published/demo-paper")).toMatchObject({
      path: "data/published/demo-paper.arrow",
      sources: [{ title: 'A. One, B. Two: On "$&" and others', path: "https://doi.org/10.1145/1952682.1952700" }],
      rows: 2,
    });
    const written = readdirSync(join(clone, "lib/demo-paper"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.includes("."))
      .map((file) => `lib/demo-paper/${file}`);
    for (const file of [...written, "notebooks/demo-paper.ipynb", "datasets/published/demo-paper.json"])
      expect(text(file)).not.toMatch(/paper-template|of the paper: T|Title of the paper/);
  });

  it("gives a system whose types, format, tests and notebook pass as they are", () => {
    const compilerOptions = { noEmit: false, outDir: "dist" };
    writeFileSync(
      join(clone, "tsconfig.demo.json"),
      JSON.stringify({ extends: "./tsconfig.json", compilerOptions, include: ["lib/demo-paper"] }),
    );
    passes("node_modules/typescript/bin/tsc", "-p", "tsconfig.demo.json");
    passes("node_modules/prettier/bin/prettier.cjs", "--check", "lib/demo-paper", "datasets/published");
    passes("node_modules/vitest/vitest.mjs", "run", "lib/demo-paper");
    passes("dist/kernel/cli.js", "run", "--check", "--check-types", "notebooks/demo-paper.ipynb");
  });

  it("leaves nothing of a system that fails, and what others wrote as it was", async () => {
    const known = ["datasets/datapackage.json", "README.md"];
    const before = known.map(text);
    const fails = async (): Promise<void> => {
      for (const path of ["datasets/data/published/half.arrow", ...known]) writeFileSync(join(clone, path), "half");
      return Promise.reject(new Error("no space"));
    };
    await expect(newPaper(clone, "half", {}, fails)).rejects.toThrow("no space");
    expect(known.map(text)).toEqual(before);
    for (const path of ["lib/half", "notebooks/half.ipynb", "datasets/data/published/half.arrow"])
      expect(existsSync(join(clone, path)), path).toBe(false);
    expect(() => {
      checkPaperName(clone, "half");
    }).not.toThrow();
    writeFileSync(join(clone, "datasets/published/half.json"), "mine");
    await expect(newPaper(clone, "half", {}, fails)).rejects.toThrow("EEXIST");
    expect(text("datasets/published/half.json")).toBe("mine");
    expect(existsSync(join(clone, "lib/half"))).toBe(false);
    expect(() => {
      checkPaperName(clone, "half");
    }).toThrow("datasets/published/half.json is there");
    rmSync(join(clone, "datasets/published/half.json"));
  });

  it("refuses names that are taken or are none, options that say nothing, and folders outside of a clone", async () => {
    const name = (given: string) => () => {
      checkPaperName(clone, given);
    };
    expect(name("other")).not.toThrow();
    expect(name("demo-paper")).toThrow('expected a new name, got "demo-paper": lib/demo-paper is there');
    expect(name("DemoPaper")).toThrow(
      'expected a name in kebab-case of at most 40 letters, as live-migration, got "DemoPaper"',
    );
    expect(name("../demo")).toThrow('got "../demo"');
    expect(name("kernel")).toThrow('expected a name that means nothing else here, got "kernel"');
    const command = newWith(() => Promise.reject(new Error("nothing is to be written")));
    const refused = (...args: readonly string[]) => expect(command(args)).rejects;
    await refused("paper", "other", "--doi", "1952682").toThrow(
      '--doi: expected a DOI as 10.1145/1952682.1952700, got "1952682"',
    );
    await refused("paper", "other", "--title", " ").toThrow('--title: expected a line of text, got " "');
    await refused("paper").toThrow("veelab new paper: expected a name, got none (see");
    await refused("paper", "a", "b").toThrow("got paper a b");
    await refused("notebook", "next", "--doi", "10.1145/1").toThrow("expected --title alone");
    const outside = run([join(clone, "dist/kernel/cli.js"), "new", "paper", "other"], scratch);
    expect(outside).toMatchObject({ status: 2 });
    expect(outside.stderr).toContain(`expected a folder in a clone of veelab, got ${scratch}`);
  });
});

describe("veelab new notebook", () => {
  it("begins a notebook that runs", () => {
    expect(veelab("new", "notebook", "own", "--title", "My own")).toMatchObject({ status: 0 });
    passes("dist/kernel/cli.js", "run", "own.ipynb");
    expect(text("own.ipynb")).toContain('"# My own"');
    expect(veelab("new", "notebook", "own").stderr).toContain("expected a new file, got");
  });
});
