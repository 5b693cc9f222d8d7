import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packageRoot } from "../package-root.ts";
import type { JsonObject } from "../protocol/json.ts";
import { connectKernel, type KernelClient } from "../run/kernel-client.ts";
import { spawnKernel, type KernelProcess } from "../run/kernel-process.ts";
import { ownKernel, type KernelSpec } from "../run/kernel-spec.ts";
import { checkVariable } from "../session/check-line.ts";

/** A notebook in the style of tslab's documentation: every cell runs in tslab itself and here, and shows the same. */
const cells = [
  'import * as tslab from "tslab";\nimport * as os from "os";\nimport { basename } from "path";',
  'tslab.display.html("<b>bold</b>");\ntslab.display.markdown("*m*");\ntslab.display.latex("$x$");\ntslab.display.svg("<svg/>");',
  'tslab.display.png(new Uint8Array([1, 2, 3]));\ntslab.display.javascript("1");\ntslab.display.text("t");\ntslab.display.raw("text/plain", "raw");',
  "let count = 1;\nfunction increase(): number {\n  count += 1;\n  return count;\n}\nconsole.log(increase(), basename('/a/b'), typeof os.cpus);",
  "count = 10;\nconsole.log(count);\nconsole.error('to stderr');",
  "/** @module shapes */\nexport interface Square {\n  readonly side: number;\n}\nexport function area({ side }: Square): number {\n  return side ** 2;\n}",
  'import { area, type Square } from "./shapes";\nconst square: Square = { side: 3 };\nconsole.log(area(square));',
  "/** @browser */\ndocument.title;",
  "const later = await new Promise<string>((resolve) => setTimeout(() => resolve('later'), 5));\nconsole.log(later);",
  "enum Colour {\n  Red,\n  Green,\n}\nclass Shape {\n  constructor(readonly name: string) {}\n}\nconsole.log(Colour[1], new Shape('s').name);",
  "const shown = tslab.newDisplay();\nshown.text('1');\nshown.text('2');",
];

interface Shown {
  readonly status: unknown;
  readonly displays: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly process: KernelProcess;
  readonly client: KernelClient;
  /** What a cell shows: its displays, and what it prints. */
  run(code: string): Promise<Shown>;
}

let folder: string;
const running: Running[] = [];

async function start(spec: KernelSpec): Promise<Running> {
  const process = await spawnKernel(spec, folder);
  const heard = new Map<string, { type: string; content: JsonObject }[]>();
  const idle = new Map<string, () => void>();
  const client = connectKernel(process.connection, (parent, type, content) => {
    heard.set(parent, [...(heard.get(parent) ?? []), { type, content }]);
    if (type === "status" && content["execution_state"] === "idle") idle.get(parent)?.();
  });
  await client.ready();
  const run = async (code: string): Promise<Shown> => {
    const { id, reply } = client.request("shell", "execute_request", { code });
    const ended = new Promise<void>((resolve) => idle.set(id, resolve));
    const { status } = await reply;
    await ended;
    const outputs = heard.get(id) ?? [];
    const printed = (name: string): string =>
      outputs
        .filter(({ type, content }) => type === "stream" && content["name"] === name)
        .map(({ content }) => content["text"] as string)
        .join("")
        .replace(/^veelab: .*\n/m, "");
    const displays = outputs
      .filter(({ type }) => type === "display_data" || type === "update_display_data")
      .map(({ type, content }) => [type, content["data"]]);
    return { status, displays, stdout: printed("stdout"), stderr: printed("stderr") };
  };
  const kernel = { process, client, run };
  running.push(kernel);
  return kernel;
}

beforeAll(async () => {
  // tslab compiles whatever lies in its folder.
  folder = await mkdtemp(join(tmpdir(), "veelab-stock-tslab-"));
  // It knows a package where it is installed, not by a link; and it watches each file that it reads, so that a new hard link to one
  // (other tests make them) fails its next cell: "Unexpected pending rebuildTimer".
  copy("node_modules", join(folder, "node_modules"));
  for (const part of ["package.json", "dist", "datasets/data", "datasets/datapackage.json"])
    copy(part, join(folder, "node_modules/veelab", part));
  copy("notebooks/data", join(folder, "data"));
}, 400_000);
afterAll(async () => {
  for (const { client, process } of running) {
    client.close();
    await process.destroy();
  }
  await rm(folder, { recursive: true, force: true });
});

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  const path = join(packageRoot(), from);
  if (spawnSync("cp", ["-rL", path, to]).status === 0) return;
  rmSync(to, { recursive: true, force: true });
  cpSync(path, to, { recursive: true, dereference: true });
}

const tslab = (): KernelSpec => ({
  ...ownKernel(),
  name: "tslab",
  argv: [
    process.execPath,
    join(folder, "node_modules/tslab/bin/tslab"),
    "kernel",
    "--config-path",
    "{connection_file}",
  ],
  interruptMode: "signal",
});

it("a notebook for tslab shows the same in tslab and here", { timeout: 240_000 }, async () => {
  const own = { ...ownKernel(), env: { [checkVariable]: "off" } };
  const [theirs, ours] = [await start(tslab()), await start(own)];
  for (const cell of cells) expect([cell, await ours.run(cell)]).toEqual([cell, await theirs.run(cell)]);
});

it.each(["00-tour", "hpc-overhead", "vm-profiling"])(
  "our notebook %s runs in tslab, this package installed beside it",
  { timeout: 400_000 },
  async (name) => {
    const notebook = JSON.parse(readFileSync(join(packageRoot(), "notebooks", `${name}.ipynb`), "utf8")) as Notebook;
    const kernel = await start(tslab());
    for (const { cell_type: type, source, metadata } of notebook.cells) {
      if (type !== "code") continue;
      const code = [source].flat().join("");
      // What tslab cannot compile or run it says on stderr.
      const { status, stderr } = await kernel.run(code);
      const throws = metadata.tags?.includes("raises-exception") === true;
      expect([status, throws ? "" : stderr.slice(0, 500)], code).toEqual([throws ? "error" : "ok", ""]);
      // tslab aborts what comes within 200 ms of an error.
      if (throws) await new Promise((resolve) => setTimeout(resolve, 400));
    }
  },
);

interface Notebook {
  readonly cells: readonly {
    readonly cell_type: string;
    readonly source: string | readonly string[];
    readonly metadata: { readonly tags?: readonly string[] };
  }[];
}
