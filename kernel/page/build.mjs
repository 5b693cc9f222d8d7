// Builds the page into dist/: `node kernel/page/build.mjs [--if-stale]`. Plain JavaScript, as it also installs what
// it needs: on a fresh clone there is nothing but Node.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { compress } from "./build/compress.mjs";
import { copySchemas, copyThemes, productVersion } from "./build/extension-files.mjs";
import { shells } from "./build/manifest.mjs";
import { bundledPackages, licences, noticeText } from "./build/notices.mjs";
import { progressLine } from "./build/progress.mjs";
import { sourcesHash } from "./build/sources.mjs";

const page = dirname(fileURLToPath(import.meta.url));

/** Whether `dist/` is not what the sources give. */
export function isStale() {
  try {
    return JSON.parse(readFileSync(join(page, "dist/manifest.json"), "utf8")).hash !== sourcesHash(page);
  } catch {
    return true;
  }
}

/** Builds `dist/`, which stays as it was when the build fails. */
export async function buildPage() {
  install();
  const hash = sourcesHash(page);
  const out = join(page, `.dist-${process.pid}`);
  removeLeftovers();
  try {
    await buildInto(out, hash);
    replace(join(page, "dist"), out);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function buildInto(out, hash) {
  const { show, end } = progressLine("veelab: building the page");
  try {
    mkdirSync(join(out, "static"), { recursive: true });
    const { bundle } = await import("./build/bundle.mjs");
    const stats = await bundle(page, join(out, "static"), (share) => show(0.85 * share));
    const settings = copySchemas(page, out);
    copyThemes(page, out);
    cpSync(join(page, "src/icons"), join(out, "static/favicons"), { recursive: true });
    const packages = licences(bundledPackages(stats.compilation));
    write(join(out, "third-party-licenses.json"), { bundles: { veelab: { packages } } });
    writeFileSync(join(out, "THIRD-PARTY-NOTICES.txt"), noticeText(packages));
    cpSync(join(out, "THIRD-PARTY-NOTICES.txt"), join(out, "static/THIRD-PARTY-NOTICES.txt"));
    show(0.9);
    await compress(join(out, "static"));
    await compress(join(out, "themes"));
    const overrides = JSON.parse(readFileSync(join(page, "src/overrides.json"), "utf8"));
    // The last file: a folder that has it is whole.
    write(join(out, "manifest.json"), {
      hash,
      version: productVersion(page),
      shells: shells(stats),
      settings,
      overrides,
    });
    show(1);
  } finally {
    end();
  }
}

const write = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 1)}\n`);

/** Puts a finished folder in the place of another. */
function replace(folder, finished) {
  const old = `${finished}-old`;
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(finished, folder);
  rmSync(old, { recursive: true, force: true });
}

/** A build that was killed leaves its folder behind. */
function removeLeftovers() {
  for (const name of readdirSync(page)) {
    const pid = /^\.dist-(\d+)/u.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(page, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Installs the packages when there are none, or the lock has changed since. */
function install() {
  const modified = (file) => (existsSync(file) ? statSync(file).mtimeMs : -Infinity);
  const installed = join(page, "node_modules/.package-lock.json");
  if (modified(installed) >= modified(join(page, "package-lock.json"))) return;
  console.error("veelab: installing the page's packages (once)");
  const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: page,
    // Standard output is the caller's.
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ci failed with exit status ${status}`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    if (!process.argv.includes("--if-stale") || isStale()) await buildPage();
  } catch (error) {
    console.error(`veelab: the page was not built: ${error.message}`);
    process.exitCode = 1;
  }
}
