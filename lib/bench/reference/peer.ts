import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { missing } from "../../../kernel/bench/figure.ts";

/** A program beside ours: gives what it prints for its arguments. */
export type Peer = (...args: readonly (string | number)[]) => string;

/** How the peers in C are compiled; the benchmarks print it. */
export const compiler = "gcc -O3";

/** A file of this folder, which lies beside the sources. */
const fileOf = (name: string): string =>
  fileURLToPath(new URL(`../../../../lib/bench/reference/${name}`, import.meta.url));

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
    missing(`C (${compiler})`, "gcc in PATH");
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
  missing("SimPy", `SimPy 3 or newer in ${python}; PYTHON and PYTHONPATH say where`);
  return undefined;
}

/** libCacheSim's program, and its library's count of misses of an oracleGeneral trace at a number of entries. */
export interface LibCacheSim {
  readonly cachesim: string;
  readonly misses: Peer;
}

/** libCacheSim where VEELAB_LIBCACHESIM names its folder; undefined, which it says, where it does not, or nothing is built there. */
export function libCacheSim(folder: string): LibCacheSim | undefined {
  const there = process.env["VEELAB_LIBCACHESIM"];
  const cachesim = join(there ?? "", "build", "bin", "cachesim");
  if (there === undefined || !existsSync(cachesim)) {
    missing("libCacheSim", "its sources, built in their folder build, in the folder VEELAB_LIBCACHESIM");
    return undefined;
  }
  const binary = join(folder, "libcachesim");
  const build = `gcc -O3 -w -I"$1/libCacheSim/include" $(pkg-config --cflags glib-2.0) -o "$2" "$3" -Wl,--start-group $(find "$1/build" -name '*.a') \
    -Wl,--end-group $(pkg-config --libs glib-2.0 libzstd) -lstdc++ -lm -ldl -lpthread`;
  const { status, stderr } = spawnSync("sh", ["-c", build, "sh", there, binary, fileOf("libcachesim.c")], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`libcachesim.c: ${stderr}`);
  return { cachesim, misses: program(binary) };
}
