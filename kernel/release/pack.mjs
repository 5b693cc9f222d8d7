// What `npm pack` puts into the package, and what an installation of it brings. Plain JavaScript: the release script runs it, too.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";

/**
 * Runs npm; throws what it printed where it fails.
 *
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {string} its standard output
 */
export function npm(args, cwd) {
  const { status, stdout, stderr, error } = spawnSync("npm", args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    shell: process.platform === "win32",
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed with exit status ${status}: ${stderr || stdout}`);
  return stdout;
}

/**
 * Packs a checkout whose products are built.
 *
 * @param {string} root
 * @param {string} folder where the tarball goes
 * @returns {{ tarball: string, version: string, size: number, unpackedSize: number, integrity: string, files: { path: string, size: number }[] }}
 */
export function pack(root, folder) {
  const [{ filename, version, size, unpackedSize, integrity, files }] = JSON.parse(
    npm(["pack", "--ignore-scripts", "--json", "--pack-destination", folder], root),
  );
  return { tarball: join(folder, filename), version, size, unpackedSize, integrity, files };
}

/**
 * The packages that an installation brings on this platform, by their paths in the lock file.
 *
 * @param {string} root
 * @returns {string[]}
 */
function productionPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return Object.entries(packages)
    .filter(([path, { dev, devOptional, optional }]) => {
      if (path === "" || dev || devOptional) return false;
      return !optional || existsSync(join(root, path));
    })
    .map(([path]) => path);
}

/** The files of a package without those of packages inside it. */
function* filesOf(folder, below = "") {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules") yield* filesOf(folder, path);
    } else if (entry.isFile()) yield path;
  }
}

/**
 * Installs a tarball into an empty folder with the packages of the lock file, which are those that the checkout has: no registry is asked.
 * npm links the commands and says whether the tree is what the package asks for.
 *
 * @param {string} root
 * @param {{ tarball: string, version: string }} packed
 * @param {string} folder
 */
export function installPacked(root, { tarball, version }, folder) {
  const product = join(folder, "node_modules/veelab");
  mkdirSync(product, { recursive: true });
  const { status, stderr } = spawnSync("tar", ["-xzf", tarball, "-C", product, "--strip-components=1"], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${tarball} cannot be unpacked: ${stderr}`);
  for (const path of productionPackages(root)) {
    for (const file of filesOf(join(root, path))) place(join(root, path, file), join(folder, path, file));
  }
  const description = { name: "app", private: true, type: "module", dependencies: { veelab: version } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(description));
  npm(["rebuild", "--ignore-scripts", "--offline"], folder);
  npm(["ls", "--omit=dev", "--all"], folder);
}

function place(from, to) {
  mkdirSync(join(to, ".."), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // another file system
  }
}

/**
 * How large the package is, by its folders, and what it depends on, by package.
 *
 * @param {string} root
 * @param {ReturnType<typeof pack>} packed
 * @returns {{ packedBytes: number, unpackedBytes: Record<string, number>, dependencyBytes: Record<string, number> }}
 */
export function sizes(root, { size, files }) {
  const unpackedBytes = {};
  for (const { path, size: bytes } of files) {
    const folder = /^(?:kernel\/page|datasets|dist\/[^/]+|notebooks)(?=\/)/.exec(path)?.[0] ?? "other files";
    unpackedBytes[folder] = (unpackedBytes[folder] ?? 0) + bytes;
  }
  const dependencyBytes = {};
  for (const path of productionPackages(root)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)[1];
    let bytes = 0;
    for (const file of filesOf(join(root, path))) bytes += statSync(join(root, path, file)).size;
    dependencyBytes[name] = (dependencyBytes[name] ?? 0) + bytes;
  }
  return { packedBytes: size, unpackedBytes, dependencyBytes };
}
