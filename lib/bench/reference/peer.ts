import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** A program beside ours: gives what it prints for its arguments. */
export type Peer = (...args: readonly (string | number)[]) => string;

/** How the peers in C are compiled; the benchmarks print it. */
export const compiler = "gcc -O3";

/** A file of this folder, which lies beside the sources. */
const fileOf = (name: string): string => new URL(`../../../../lib/bench/reference/${name}`, import.meta.url).pathname;

const program =
  (command: string, ...first: readonly string[]): Peer =>
  (...args) => {
    const { stdout, stderr, status } = spawnSync(command, [...first, ...args.map(String)], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${[command, ...first].join(" ")}: expected exit status 0: ${stderr}`);
    return stdout.trim();
  };

/** The peer in C of this name, compiled into a folder; undefined, which it says, without gcc. */
export function inC(name: string, folder: string): Peer | undefined {
  const binary = join(folder, name);
  const [command, ...options] = compiler.split(" ");
  const args = [...options, "-o", binary, fileOf(`${name}.c`), "-lm"];
  const { error, status, stderr } = spawnSync(command!, args, { encoding: "utf8" });
  if (error !== undefined) {
    console.log("(no gcc: no comparison with C)");
    return undefined;
  }
  if (status !== 0) throw new Error(`${name}.c: ${stderr}`);
  return program(binary);
}

/**
 * A script over SimPy 3 or newer, run by python3, or what the environment's PYTHON says; undefined, which it says, where that
 * finds none (PYTHONPATH says where to look).
 */
export function inSimPy(script: string): Peer | undefined {
  const python = process.env["PYTHON"] ?? "python3";
  if (spawnSync(python, ["-c", "import simpy; simpy.Environment"]).status === 0) return program(python, fileOf(script));
  console.log(`(no SimPy 3 or newer in ${python}: no comparison with SimPy)`);
  return undefined;
}
