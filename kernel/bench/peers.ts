import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../package-root.ts";
import { type KernelSpec, ownKernel } from "../run/kernel-spec.ts";

/** What is typed into a kernel, in its own language. */
export interface Phrases {
  readonly trivial: string;
  readonly print: string;
  readonly display: string;
  /** The cell of a chain, by its place from 1: each uses the one before. */
  readonly link: (at: number) => string;
  /** A member of what the last of so many cells declared, as it is typed; `nonce` makes each a new text, whose answer nobody has kept. */
  readonly member: (cells: number, nonce: number) => string;
  /** Sets a variable, which must survive every interrupt. */
  readonly keep: string;
  /** Gives it. */
  readonly kept: string;
  /** Cells that never end, by what keeps them. */
  readonly endless: Readonly<Record<string, string>>;
}

/** A kernel to measure. */
export interface Peer {
  readonly name: string;
  readonly spec: KernelSpec;
  readonly phrases: Phrases;
}

/** How many lines are printed, and bytes displayed. */
export const printed = 100_000;
export const displayed = 10_000_000;

/** Loops by how they are hard to stop. */
export const loops = [
  "a synchronous loop",
  "a loop after an await",
  "microtasks",
  "try, catch, finally",
  "Atomics.wait",
  "a promise that never settles",
] as const;

const typescript = (html: string): Phrases => ({
  trivial: "1+1",
  print: `for (let i = 0; i < ${printed}; i++) console.log("line " + i)`,
  display: html,
  link: (at) =>
    at === 1
      ? "const v1 = [{ x: 1, name: 'a' }];\nfunction scale(rows: { x: number }[], by: number) { return rows.reduce((sum, row) => sum + row.x * by, 0); }"
      : `const v${at} = v${at - 1}.map((row) => ({ ...row, x: row.x + ${at} }));\nlet s${at} = scale(v${at}, ${at});`,
  member: (cells, nonce) => `const typed = ${nonce};\nv${cells}.ma`,
  keep: "let kept = 42;",
  kept: "kept",
  endless: {
    "a synchronous loop": "let n = 0; while (true) n++;",
    "a loop after an await": "await new Promise((resolve) => setTimeout(resolve, 1)); while (true) kept = 42;",
    microtasks: "for (;;) await null;",
    "try, catch, finally": "for (;;) { try { for (;;) kept = 42; } catch {} finally { kept = 42; } }",
    "Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
    "a promise that never settles": "await new Promise(() => {});",
  },
});

const python: Phrases = {
  trivial: "1+1",
  print: `for i in range(${printed}): print("line", i)`,
  display: `from IPython.display import display, HTML\ndisplay(HTML("x" * ${displayed}))`,
  link: (at) =>
    at === 1
      ? "v1 = [{'x': 1, 'name': 'a'}]\ndef scale(rows, by): return sum(row['x'] * by for row in rows)"
      : `v${at} = [{**row, 'x': row['x'] + ${at}} for row in v${at - 1}]\ns${at} = scale(v${at}, ${at})`,
  member: (cells, nonce) => `typed = ${nonce}\nv${cells}.in`,
  keep: "kept = 42",
  kept: "kept",
  endless: {
    "a synchronous loop": "while True: pass",
    "a loop after an await": "import asyncio\nawait asyncio.sleep(0.001)\nwhile True: pass",
    "try, catch, finally": "while True:\n  try: pass\n  finally: pass",
    "a promise that never settles": "import asyncio\nawait asyncio.get_running_loop().create_future()",
  },
};

const spec = (name: string, language: string, argv: readonly string[], interruptMode: KernelSpec["interruptMode"]) => ({
  name,
  displayName: name,
  language,
  argv,
  env: {},
  interruptMode,
  metadata: {},
});

/** This kernel first and those of its peers that are installed; and the others by name, with what they need. */
export function kernels(): { readonly all: readonly Peer[]; readonly absent: readonly (readonly [string, string])[] } {
  const own: Peer = {
    name: "veelab",
    spec: ownKernel(),
    phrases: typescript(`display.html("x".repeat(${displayed}))`),
  };
  const tslab = join(packageRoot(), "node_modules/tslab/bin/tslab");
  const peers: readonly (readonly [isThere: boolean, needs: string, Peer])[] = [
    [
      existsSync(tslab),
      "the package tslab, a development dependency",
      {
        name: "tslab",
        spec: spec(
          "tslab",
          "typescript",
          [process.execPath, tslab, "kernel", "--config-path", "{connection_file}"],
          "signal",
        ),
        phrases: typescript(`import { display } from "tslab";\ndisplay.html("x".repeat(${displayed}))`),
      },
    ],
    [
      runs("deno", "--version"),
      "deno in PATH (the package deno)",
      {
        name: "Deno",
        spec: spec("deno", "typescript", ["deno", "jupyter", "--kernel", "--conn", "{connection_file}"], "message"),
        phrases: typescript(`await Deno.jupyter.display({ "text/html": "x".repeat(${displayed}) }, { raw: true })`),
      },
    ],
    [
      runs("/usr/bin/python3", "-m", "ipykernel_launcher", "--version"),
      "ipykernel (Debian: python3-ipykernel)",
      {
        name: "ipykernel",
        spec: spec(
          "ipykernel",
          "python",
          ["/usr/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
          "signal",
        ),
        phrases: python,
      },
    ],
  ];
  return {
    all: [own, ...peers.filter(([isThere]) => isThere).map(([, , peer]) => peer)],
    absent: peers.filter(([isThere]) => !isThere).map(([, needs, { name }]) => [name, needs] as const),
  };
}

const runs = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;
