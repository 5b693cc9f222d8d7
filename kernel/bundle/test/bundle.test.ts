import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPromise } from "yauzl";
import { packageRoot, packageVersion } from "../../package-root.ts";
import { formatNotebook } from "../../run/write-notebook.ts";
import { bundle } from "../bundle-command.ts";
import { crateProblems } from "./crate-rules.ts";

const scratch = mkdtempSync(join(tmpdir(), "veelab-bundle-test-"));
const cli = join(packageRoot(), "dist", "kernel", "cli.js");

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function node(args: readonly string[], cwd: string, home = scratch): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HOME: home },
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), buffer(child.stderr)]);
  return { status: await ended, stdout: String(stdout), stderr: String(stderr) };
}
const veelab = (cwd: string, ...args: readonly string[]): Promise<Ended> => node([cli, ...args], cwd);

/** A notebook that reads in every way: a module beside it, a file by Node, one by DuckDB, one of veelab's, one that it wrote. */
const code = [
  'import { readFileSync, writeFileSync } from "node:fs";\nimport { open, query } from "veelab/datasets";\nimport { twice } from "./model.ts";',
  'const lines = readFileSync("data/lines.txt", "utf8").trim().split("\\n").length;\ntwice(lines)',
  "JSON.parse(readFileSync('data/other.ipynb', 'utf8')).cells.length;\n(await query(`select sum(x) as total from 'data/numbers.csv'`)).toString()",
  '(await open("published/bsp-noise")).numRows',
  'writeFileSync("scratch.txt", "7");\nreadFileSync("scratch.txt", "utf8")',
];

function study(name: string): string {
  const folder = join(scratch, name);
  mkdirSync(join(folder, "data"), { recursive: true });
  const write = (path: string, text: string): void => {
    writeFileSync(join(folder, path), text);
  };
  write("model.ts", "export const twice = (x: number): number => 2 * x;\n");
  write("data/lines.txt", "a\nb\nc\n");
  write("data/numbers.csv", "x\n1\n2.5\n");
  write("data/unread.csv", "x\n1\n");
  write("data/other.ipynb", '{ "cells": [] }');
  write("CITATION.cff", "authors:\n  - family-names: One\n    given-names: Ann\n");
  write("package.json", '{ "type": "module", "license": "MIT" }');
  const cells = code.map((source, at) => ({
    ...{ cell_type: "code" as const, id: `c${at}`, metadata: {}, source, execution_count: null, outputs: [] },
  }));
  const title = { cell_type: "markdown" as const, id: "t", metadata: {}, source: "# A study" };
  write("study.ipynb", formatNotebook({ cells: [title, ...cells], metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  return folder;
}

async function unzip(file: string, folder: string): Promise<readonly string[]> {
  const zip = await openPromise(file);
  const names: string[] = [];
  for await (const entry of zip.eachEntry()) {
    names.push(entry.fileName);
    const place = join(folder, entry.fileName);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return names;
}

const inArchive = [
  ...[
    "README.md",
    "notebooks/data/lines.txt",
    "notebooks/data/numbers.csv",
    "notebooks/data/other.ipynb",
    "notebooks/model.ts",
    "notebooks/package.json",
    "notebooks/study.ipynb",
  ],
  ...[
    "package-lock.json",
    "package.json",
    "ro-crate-metadata.json",
    "run.mjs",
    `vendor/veelab-${packageVersion()}.tgz`,
  ],
];
const unpacked = join(scratch, "unpacked");
let first = "";
let original = "";

beforeAll(async () => {
  first = study("first");
  expect(await veelab(first, "run", "study.ipynb")).toMatchObject({ status: 0 });
  rmSync(join(first, "scratch.txt"));
  const made = await veelab(first, "bundle", "study.ipynb", "--date", "2026-01-31");
  expect(made.status, made.stderr).toBe(0);
  expect(made.stderr).not.toContain("does not say");
  expect(made.stdout).toContain("study.zip: 11 files, 1 dataset of veelab, ");
});

describe("a bundle", () => {
  it("holds what the notebook read, described as an RO-Crate", async () => {
    const names = await unzip(join(first, "study.zip"), unpacked);
    expect(names).toEqual(inArchive);
    const text = readFileSync(join(unpacked, "ro-crate-metadata.json"), "utf8");
    expect(crateProblems(text, names)).toEqual([]);
    const { "@graph": graph } = JSON.parse(text) as { "@graph": Record<string, unknown>[] };
    const entity = (id: string) => graph.find((each) => each["@id"] === id);
    expect(entity("./")).toMatchObject({
      ...{ name: "A study", datePublished: "2026-01-31", license: { "@id": "https://spdx.org/licenses/MIT" } },
      author: [{ "@id": "#author/Ann%20One" }],
    });
    expect(entity("#author/Ann%20One")).toMatchObject({ "@type": "Person", name: "Ann One" });
    expect(entity("#dataset/published/bsp-noise")).toMatchObject({
      alternateName: "datasets/data/published/bsp-noise.arrow",
    });
    expect(entity("#run/notebooks/study.ipynb")).toMatchObject({
      object: [
        ...["study.ipynb", "data/lines.txt", "data/numbers.csv", "data/other.ipynb", "model.ts", "package.json"].map(
          (path) => ({
            "@id": `notebooks/${path}`,
          }),
        ),
        { "@id": "#dataset/published/bsp-noise" },
      ],
    });
    expect(readFileSync(join(unpacked, "README.md"), "utf8")).toContain("node run.mjs");
  });

  it("has the same bytes from another folder", async () => {
    const second = join(scratch, "second");
    cpSync(first, second, { recursive: true, filter: (path) => !/study\.zip|scratch\.txt/u.test(path) });
    expect(await veelab(second, "bundle", "study.ipynb", "--date", "2026-01-31", "-o", "other.zip")).toMatchObject({
      status: 0,
    });
    expect(readFileSync(join(second, "other.zip")).equals(readFileSync(join(first, "study.zip")))).toBe(true);
  });

  it("runs again elsewhere, and says which file and which output is another one", async () => {
    // As npm ci leaves it: the packages, and veelab among them.
    mkdirSync(join(unpacked, "node_modules"));
    symlinkSync(packageRoot(), join(unpacked, "node_modules", "veelab"));
    const again = (): Promise<Ended> => node(["run.mjs", "--installed"], unpacked);
    const same = await again();
    expect(same.stdout).toBe(
      "files: 11 of 11 as in ro-crate-metadata.json\ndatasets of veelab: 1 of 1 as in ro-crate-metadata.json\n" +
        "notebooks/study.ipynb: 5 cells, outputs the same\nverdict: reproduced\n",
    );
    expect(same.status).toBe(0);
    writeFileSync(join(unpacked, "notebooks/data/lines.txt"), "a\nb\n");
    const other = await again();
    expect(other.status).toBe(1);
    expect(other.stdout).toMatch(/notebooks\/data\/lines\.txt: expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}\n/u);
    expect(other.stdout).toContain("    -6\n    +4\n");
    expect(other.stdout).toContain("verdict: not reproduced (1 file differs, outputs differ)\n");
    rmSync(join(unpacked, "notebooks/data/lines.txt"));
    original = readFileSync(join(unpacked, "package.json"), "utf8");
    writeFileSync(join(unpacked, "package.json"), "{}");
    const refused = await again();
    expect(refused.status).toBe(2);
    expect(refused.stdout).toContain("notebooks/data/lines.txt: expected a file, got none\n");
    expect(refused.stderr).toContain(
      "run.mjs: what would be installed or run is not what was handed in: package.json: expected",
    );
  });

  it("is refused where the outputs are not those of a run, or a program reads what is not seen", async () => {
    const third = join(scratch, "third");
    cpSync(first, third, { recursive: true, filter: (path) => !path.endsWith(".zip") });
    const path = join(third, "study.ipynb");
    const committed = readFileSync(path, "utf8");
    writeFileSync(path, committed.replace('"6"', '"7"'));
    const differs = await veelab(third, "bundle", "study.ipynb");
    expect(differs.status).toBe(2);
    expect(differs.stderr).toContain("    -7\n    +6\n");
    expect(differs.stderr).toContain(
      "study.ipynb: 1 cell gives other outputs than those in the file; a bundle has those that a run gives (--allow-different",
    );
    // What `cat` reads, Node does not see: the second run, where the file is not, is another one.
    writeFileSync(
      path,
      committed.replace(
        "twice(lines)",
        '(await import(\\"node:child_process\\")).execFileSync(\\"wc\\", [\\"-c\\", \\"data/unread.csv\\"]).length',
      ),
    );
    expect(await veelab(third, "run", "study.ipynb")).toMatchObject({ status: 0 });
    const unseen = await veelab(third, "bundle", "study.ipynb");
    expect(unseen.status).toBe(2);
    expect(unseen.stderr).toContain("threw Error: Command failed: wc -c data/unread.csv");
    expect(unseen.stderr).toContain("so it is where only the files of the bundle are");
    writeFileSync(path, committed.replaceAll("data/lines.txt", join(third, "data/lines.txt")));
    const absolute = await veelab(third, "bundle", "study.ipynb");
    expect(absolute.stderr).toContain(
      `${join(third, "data/lines.txt")}: expected paths relative to the notebook, got an absolute one`,
    );
    expect(readdirSync(third).filter((name) => name.includes(".zip"))).toEqual([]);
  });

  it("fetches what is not in the archive, and checks it as well", async () => {
    const path = join(unpacked, "ro-crate-metadata.json");
    const text = readFileSync(path, "utf8");
    let answer = "a\nb\nc\n";
    const server = createServer((_, response) => response.end(answer)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/lines.txt`;
    const crate = text
      .replaceAll('"@id": "notebooks/data/lines.txt"', `"@id": "${url}"`)
      .replace(
        '"encodingFormat": "text/plain"',
        '"encodingFormat": "text/plain", "alternateName": "notebooks/data/lines.txt"',
      );
    writeFileSync(path, crate);
    try {
      writeFileSync(join(unpacked, "package.json"), original);
      const fetched = await node(["run.mjs", "--installed"], unpacked);
      expect(fetched.stdout).toContain(`fetching ${url}\nfiles: 11 of 11`);
      expect(fetched.stdout).toContain("verdict: reproduced\n");
      rmSync(join(unpacked, "notebooks/data/lines.txt"));
      answer = "a\n";
      const other = await node(["run.mjs", "--installed"], unpacked);
      expect(other.stdout).toContain("verdict: not reproduced (1 file differs, outputs differ)\n");
    } finally {
      server.close();
    }
    rmSync(join(unpacked, "notebooks/data/lines.txt"));
    const gone = await node(["run.mjs", "--installed"], unpacked);
    expect(gone.status).toBe(2);
    expect(gone.stderr).toMatch(
      /^run\.mjs: http:\/\/127\.0\.0\.1:\d+\/lines\.txt: cannot be fetched: .*ECONNREFUSED.*\n$/u,
    );
    const metadata = join(unpacked, "ro-crate-metadata.json");
    writeFileSync(metadata, readFileSync(metadata, "utf8").slice(0, 100));
    const damaged = await node(["run.mjs", "--installed"], unpacked);
    expect(damaged).toMatchObject({ status: 2, stdout: "" });
    expect(damaged.stderr).toMatch(/^run\.mjs: ro-crate-metadata\.json: cannot be read: .*\n$/u);
    expect((await node(["run.mjs", "--instaled"], unpacked)).stderr).toContain("run.mjs: Unknown option '--instaled'");
  });

  it("has what a notebook reads as it was before the second run, which changes it", async () => {
    const folder = join(scratch, "counting");
    mkdirSync(folder);
    const source =
      'import { readFileSync, writeFileSync } from "node:fs";\nwriteFileSync("count.txt", `${readFileSync("count.txt", "utf8")}1`);';
    const cell = { cell_type: "code" as const, id: "c", metadata: {}, source, execution_count: 1, outputs: [] };
    const text = formatNotebook({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
    writeFileSync(join(folder, "count.ipynb"), text);
    writeFileSync(join(folder, "count.txt"), "");
    const made = await veelab(folder, "bundle", "count.ipynb", "--date", "2026-01-31");
    expect(made.status, made.stderr).toBe(0);
    expect(made.stderr).toContain("does not say whose it is or how it may be used (--author, --license)\n");
    await unzip(join(folder, "count.zip"), join(folder, "unpacked"));
    // The first run, which finds what is read, is in the folder itself; the second is not.
    expect(readFileSync(join(folder, "count.txt"), "utf8")).toBe("1");
    expect(readFileSync(join(folder, "unpacked/notebooks/count.txt"), "utf8")).toBe("1");
  });

  it("says of a notebook that fails, where it is made all the same, why", async () => {
    const folder = join(scratch, "failing");
    mkdirSync(folder);
    const source = "throw new Error(`no <disk>\\n# Done`)";
    const cell = { cell_type: "code" as const, id: "c", metadata: {}, source, execution_count: 1, outputs: [] };
    const notebook = { cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 } as const;
    writeFileSync(join(folder, "failing.ipynb"), formatNotebook(notebook));
    const made = await veelab(folder, "bundle", "failing.ipynb", "--allow-different");
    expect(made.status, made.stderr).toBe(0);
    await unzip(join(folder, "failing.zip"), join(folder, "unpacked"));
    const read = (name: string) => readFileSync(join(folder, "unpacked", name), "utf8");
    const sentence = "cell 1 (throw new Error(`no <disk>\\n# Done`)): threw Error: no <disk>\n# Done";
    expect(read("README.md")).toContain(
      `\`notebooks/failing.ipynb\` did not run to its end when this was made:\n\n    ${sentence.replace("\n", "\n    ")}\n`,
    );
    expect(JSON.parse(read("ro-crate-metadata.json"))).toMatchObject({
      "@graph": expect.arrayContaining([expect.objectContaining({ error: sentence })]) as unknown,
    });
  });

  it("installs what it needs and runs again, by its one command", async ({ skip }) => {
    // npm's configuration and cache are in the user's own folder.
    const { status, stdout, stderr } = await node(["run.mjs"], join(scratch, "counting/unpacked"), homedir());
    if (process.env["VEELAB_REQUIRE_TOOLS"] !== "1" && stderr.includes("run.mjs: npm ci failed"))
      skip("npm cannot install here");
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^files: 7 of 7 as in ro-crate-metadata\.json\ninstalling\n/u);
    expect(stdout).toContain("notebooks/count.ipynb: 1 cell, outputs the same\nverdict: reproduced\n");
  });

  it("is not begun with arguments that make no sense", async () => {
    const file = join(first, "study.ipynb");
    const refused = (...args: readonly string[]) => expect(bundle(args)).rejects;
    await refused().toThrow("veelab bundle: expected a notebook, got none");
    await refused(file, "--date", "today").toThrow('--date: expected a day as 2026-01-31, got "today"');
    await refused(file, "--license", "a b").toThrow('--license: expected an SPDX identifier as MIT, got "a b"');
    await refused(file, "--from", "data/x.csv").toThrow("--from: expected FILE=URL with an http or https");
    await refused(file, "--out", file).toThrow("--out: expected a name that ends in .zip, got");
    await refused(file, "--root", join(first, "data")).toThrow(`--root: expected a folder around ${file}, got`);
  });
});
