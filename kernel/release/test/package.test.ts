import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../package-root.ts";
import { installPacked, pack, type Sizes, sizes } from "../pack.mjs";
import { answeredPage } from "./answered-page.ts";
import { grown } from "./grown.ts";
import { bringNodes } from "./nodes.ts";
import { typeErrors } from "./type-errors.ts";

const root = packageRoot();
const scratch = mkdtempSync(join(tmpdir(), "veelab-package-"));
const packed = pack(root, scratch);
const app = join(scratch, "app");
mkdirSync(app);
installPacked(root, packed, app);
const nodes = bringNodes();
afterAll(() => {
  nodes.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const paths = new Set(packed.files.map(({ path }) => path));
const { exports: exported } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, string | null>;
};
/** The files of `exports`, by subpath; a pattern's are those in the package. */
const subpaths = new Map(
  Object.entries(exported).flatMap(([subpath, file]): [string, string][] => {
    if (file === null) return [];
    if (!subpath.includes("*")) return [[subpath, file.slice(2)]];
    const [before = "", after = ""] = file.slice(2).split("*");
    const names = [...paths].filter((path) => path.startsWith(before) && path.endsWith(after));
    return names
      .map((path): [string, string] => [subpath.replace("*", path.slice(before.length, -after.length)), path])
      .filter(([name]) => !(name in exported) && !name.slice(2).includes("/"));
  }),
);
const specifiers = [...subpaths.keys()]
  .filter((subpath) => !subpath.endsWith(".json"))
  .map((subpath) => `veelab${subpath.slice(1)}`);
// npm packs no links: a checkout whose page is another's has none.
const hasPage =
  existsSync(join(root, "kernel/page/dist")) && !lstatSync(join(root, "kernel/page/dist")).isSymbolicLink();
if (!hasPage && process.env["VEELAB_REQUIRE_TOOLS"] === "1") throw new Error("expected kernel/page/dist, got none");

describe("the packed package", () => {
  it("has what it exports, with types, and no tests, benchmarks or source maps", () => {
    expect(specifiers).toEqual(expect.arrayContaining(["veelab", "veelab/datasets", "veelab/kernel", "veelab/traces"]));
    for (const file of subpaths.values()) expect(paths).toContain(file);
    for (const file of paths) if (/^dist\/.*\.js$/.test(file)) expect(paths).toContain(file.replace(/js$/, "d.ts"));
    expect([...paths].filter((path) => /\/(test|bench)\/|\.map$|\.tsbuildinfo$/.test(path))).toEqual([]);
  });

  it("has its own licence, and is no larger than was agreed", () => {
    expect([...paths]).toEqual(expect.arrayContaining(["LICENSE", "README.md", "CITATION.cff"]));
    const agreed = JSON.parse(readFileSync(join(root, "kernel/release/sizes.json"), "utf8")) as Sizes;
    const measured: Sizes = sizes(root, packed);
    const onLinux = process.platform === "linux" && process.arch === "x64"; // the sizes of native packages are this platform's
    expect(grown(agreed, onLinux ? measured : { ...measured, dependencyBytes: {} })).toEqual([]);
  });

  it.each(["node16", "bundler"] as const)("has types for moduleResolution %s", (resolution) => {
    expect(typeErrors(app, specifiers, resolution)).toEqual([]);
  });
});

describe.each(nodes.all)("installed into an empty folder, on $name", ({ binary }) => {
  const folder = mkdtempSync(join(scratch, "home-"));
  const run = (...args: readonly string[]): { readonly out: string; readonly status: number | null } => {
    const { status, stdout, stderr } = spawnSync(binary, args, {
      cwd: app,
      encoding: "utf8",
      env: { ...process.env, JUPYTER_DATA_DIR: join(folder, "jupyter"), VEELAB_DATA_DIR: join(folder, "data") },
    });
    return { out: stdout + stderr, status };
  };
  const veelab = (...args: readonly string[]): ReturnType<typeof run> => run("node_modules/.bin/veelab", ...args);

  it("every subpath is imported, and the shipped data is read", () => {
    const script = `const modules = await Promise.all(${JSON.stringify(specifiers)}.map((name) => import(name)));
      if (modules.some((module) => Object.keys(module).length === 0)) throw new Error("expected exports, got none");
      const { open } = await import("veelab/datasets");
      console.log((await open("executions/clusters")).numRows > 0);`;
    expect(run("--input-type=module", "-e", script)).toEqual({ out: "true\n", status: 0 });
  });

  it("veelab run runs and checks a notebook that imports it", () => {
    const file = join(folder, "one.ipynb");
    const cell = (id: string, source: string): object => ({
      ...{ cell_type: "code", id, metadata: {}, execution_count: null },
      ...{ outputs: [], source },
    });
    writeFileSync(
      file,
      JSON.stringify({
        cells: [
          cell("a", 'import { fromRows } from "veelab";\nconst table = fromRows([{ n: 1 }, { n: 2 }]);'),
          cell("b", "const rows: number = await Promise.resolve(table.numRows);\nrows"),
        ],
        metadata: { kernelspec: { name: "veelab", display_name: "TypeScript (veelab)", language: "typescript" } },
        nbformat: 4,
        nbformat_minor: 5,
      }),
    );
    expect(veelab("run", "--check-types", file)).toMatchObject({ status: 0 });
    const { cells } = JSON.parse(readFileSync(file, "utf8")) as { cells: { outputs: unknown[] }[] };
    expect(cells[1]!.outputs).toMatchObject([{ output_type: "execute_result", data: { "text/plain": ["2"] } }]);
  });

  it("veelab install names this Node and a file that is there; veelab import makes a table", () => {
    expect(veelab("install")).toMatchObject({ status: 0 });
    const spec = JSON.parse(readFileSync(join(folder, "jupyter/kernels/veelab/kernel.json"), "utf8")) as {
      argv: readonly string[];
    };
    expect(spec.argv[0]).toBe(binary);
    expect(spec.argv.filter((arg) => arg.endsWith("main.js")).map((file) => existsSync(file))).toEqual([true]);
    const csv = join(folder, "a.csv");
    writeFileSync(csv, "time,host\n1,2\n3,4\n");
    expect(veelab("import", "-q", csv)).toEqual({ out: "", status: 0 });
    expect(veelab("head", join(folder, "a.arrow"))).toMatchObject({ status: 0 });
  });

  it.skipIf(!hasPage)("veelab serves its page", async () => {
    const served = await answeredPage(binary, join(app, "node_modules/.bin/veelab"), folder);
    expect(served.types).toEqual(["text/html; charset=utf-8", "text/javascript; charset=utf-8"]);
  });
});
