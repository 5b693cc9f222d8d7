// Compiles this folder's AssemblyScript to WebAssembly: NAME.ts to NAME.wasm beside it, for the tests, which run the sources, and,
// as a program, in dist, too, for who runs what is built. Compiles only what is older than its source.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(folder));
const flags = ["-O3", "--runtime", "stub", "--noAssert", "--enable", "simd,bulk-memory"];

const modified = (file) => (existsSync(file) ? statSync(file).mtimeMs : -Infinity);
const names = () => readdirSync(folder).flatMap((file) => /^([\w-]+)\.ts$/.exec(file)?.[1] ?? []);

async function compile(name) {
  const asc = await import("assemblyscript/asc");
  const outputs = new Map();
  const { error, stderr } = await asc.main([`${name}.ts`, ...flags, "--baseDir", folder, "--outFile", `${name}.wasm`], {
    writeFile: (file, contents) => outputs.set(file, contents),
  });
  if (error) throw new Error(`lib/assembly/${name}.ts: ${stderr.toString() || error.message}`);
  // Whole or not at all: tests and a build may run side by side.
  const part = join(folder, `${name}.wasm.${process.pid}.part`);
  writeFileSync(part, outputs.get(`${name}.wasm`));
  renameSync(part, join(folder, `${name}.wasm`));
}

/** Compiles what is stale; vitest calls it before the tests. */
export async function setup() {
  const flagsChanged = modified(fileURLToPath(import.meta.url));
  for (const name of names()) {
    const source = Math.max(modified(join(folder, `${name}.ts`)), flagsChanged);
    if (modified(join(folder, `${name}.wasm`)) < source) await compile(name);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup();
  const built = join(root, "dist", "lib", "assembly");
  mkdirSync(built, { recursive: true });
  for (const name of names()) copyFileSync(join(folder, `${name}.wasm`), join(built, `${name}.wasm`));
}
