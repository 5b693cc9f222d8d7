// The npm scripts' entry, in plain JavaScript: on a fresh clone there is no compiler yet (and Node 20 strips no types).
// It installs and builds what is missing or stale, then runs one of the product's commands.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

import { cleanCommit, recordTests } from "./release/checks.mjs";
import { release } from "./release/release.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, "node_modules", name);
const typescript = bin("typescript/bin/tsc");

/** Runs a program in the repository's root with our standard streams; gives its exit status. */
function run(command, args, options = {}) {
  const { status, error, signal } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) throw error;
  return signal ? 130 : (status ?? 1);
}

function must(command, args, what) {
  const status = run(command, args, { shell: process.platform === "win32" && command === "npm" });
  if (status !== 0) {
    console.error(`veelab: ${what} failed with exit status ${status}`);
    process.exit(status);
  }
}

const modified = (file) => (existsSync(file) ? statSync(file).mtimeMs : -Infinity);

function installed() {
  return modified(bin(".package-lock.json")) >= modified(join(root, "package-lock.json")) && existsSync(typescript);
}

/** The newest modification among the TypeScript sources of the product and what configures their build. */
function newestSource() {
  let newest = Math.max(modified(join(root, "tsconfig.json")), modified(join(root, "tsconfig.build.json")));
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      // The page is built by itself.
      if (entry.isDirectory() && path !== join(root, "kernel", "page")) visit(path);
      else if (entry.name.endsWith(".ts")) newest = Math.max(newest, modified(path));
    }
  };
  for (const folder of ["kernel", "lib", "datasets"]) visit(join(root, folder));
  return newest;
}

function prepare() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`veelab: expected Node 20.19 or newer, got ${process.versions.node}`);
    process.exit(2);
  }
  if (!installed()) {
    console.error("veelab: installing packages (once)");
    must("npm", ["ci", "--no-audit", "--no-fund"], "npm ci");
  }
  if (modified(join(root, "dist/.tsbuildinfo")) < newestSource()) {
    console.error("veelab: compiling");
    // A stale incremental state would hide deleted outputs, and an unchanged emit would leave its time stamp old.
    rmSync(join(root, "dist"), { recursive: true, force: true });
    must(process.execPath, [typescript, "-p", "tsconfig.build.json"], "the TypeScript build");
    must(process.execPath, ["lib/assembly/build.mjs"], "the WebAssembly build");
  }
}

/** The front end, which has packages and a build of its own: only who looks at it needs them. */
function preparePage() {
  must(process.execPath, ["kernel/page/build.mjs", "--if-stale"], "the build of the page");
}

/** Every check of the product, the fast ones first; ends with one line of counts. */
function test(args) {
  const scratch = mkdtempSync(join(tmpdir(), "veelab-test-"));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const commit = cleanCommit(root);
  const failures = [];
  const stage = (name, command, commandArgs) => {
    console.log(`\n== ${name}`);
    const passed = run(command, commandArgs) === 0;
    counts[passed ? "passed" : "failed"] += 1;
    if (!passed) failures.push(name);
  };
  const node = process.execPath;
  try {
    if (args.length === 0) {
      stage("types", node, [typescript, "-p", "tsconfig.json"]);
      stage("types of the page", node, [typescript, "-p", "kernel/page/tsconfig.json"]);
      stage("lint", node, [bin("eslint/bin/eslint.js"), "."]);
      stage("format", node, [bin("prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."]);
      stage("unused", node, [bin("knip/bin/knip.js")]);
      stage("docs", node, [bin("typedoc/bin/typedoc"), "--logLevel", "Warn"]);
    }
    const results = join(scratch, "vitest.json");
    console.log("\n== tests");
    const status = run(node, [
      bin("vitest/vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${results}`,
      ...args,
    ]);
    const report = existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : undefined;
    counts.passed += report?.numPassedTests ?? 0;
    counts.failed += report?.numFailedTests ?? 0;
    counts.skipped += report?.numPendingTests ?? 0;
    // A file that fails to load runs no test: vitest says so by its status alone.
    if (status !== 0 && !(report?.numFailedTests > 0)) counts.failed += 1;
    if (status !== 0) {
      const named = failedTests(report);
      failures.push("tests", ...(named.length > 0 ? named : ["errors outside of tests: see Unhandled Errors above"]));
    }
    if (args.length === 0) {
      stage("notebooks", node, ["dist/kernel/cli.js", "run", "--check", "--check-types", ...notebooks()]);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  if (failures.length > 0) console.log(`\nfailed:\n${failures.map((name) => `  ${name}`).join("\n")}`);
  if (args.length === 0 && counts.failed === 0) recordTests(root, commit, counts);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

/** Each failed test of vitest's report, and each file that failed as a whole, with the first line of why. */
function failedTests(report) {
  return (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0) return status === "failed" ? [`${file}: ${firstLine(message)}`] : [];
    return failed.map((test) => `${file} > ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
  });
}

const firstLine = (text = "") => stripVTControlCharacters(text).split("\n", 1)[0];

function notebooks() {
  return readdirSync(join(root, "notebooks"))
    .filter((name) => name.endsWith(".ipynb"))
    .sort()
    .map((name) => join("notebooks", name));
}

const benchFiles = (isMeant) =>
  ["kernel", "lib", "datasets"].flatMap((folder) =>
    readdirSync(join(root, "dist", folder), { recursive: true })
      .filter((file) => file.endsWith(".bench.js") && isMeant(file))
      .sort()
      .map((file) => join("dist", folder, file)),
  );

const benchName = (file) => relative("dist", file).replace(/\.bench\.js$/, "");

/**
 * Runs every benchmark, or those whose path contains one of the arguments, one after another: each prints its figures beside its peers'.
 * All of them go to artifacts/bench.json, their ratios to artifacts/bench.png.
 */
async function bench(args) {
  const files = benchFiles((file) => args.length === 0 || args.some((arg) => file.includes(arg)));
  if (files.length === 0) {
    const names = benchFiles(() => true).map(benchName);
    console.error(
      `veelab: expected a part of a benchmark's path, got ${args.join(" ")}; there are ${names.join(", ")}`,
    );
    return 2;
  }
  const { figuresVariable } = await import("../dist/kernel/bench/figure.js");
  const { summarize } = await import("../dist/kernel/bench/summary.js");
  const folder = mkdtempSync(join(tmpdir(), "veelab-bench-"));
  try {
    const runs = files.map((file, at) => {
      const name = benchName(file);
      const figuresFile = join(folder, String(at));
      writeFileSync(figuresFile, "");
      console.log(`\n${name}`);
      const status = run(process.execPath, [file], { env: { ...process.env, [figuresVariable]: figuresFile } });
      if (status !== 0) console.error(`veelab: ${name} failed with exit status ${status}`);
      return { bench: name, figuresFile, status };
    });
    const written = await summarize(runs, join(root, "artifacts"));
    console.log(`\nwritten: ${written.map((path) => relative(root, path)).join(", ")}`);
    return Math.max(...runs.map(({ status }) => status));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [command = "start", ...args] = process.argv.slice(2);
prepare();
if (["start", "test", "bench", "pack", "release"].includes(command)) preparePage();
if (command === "test") process.exitCode = test(args);
else if (command === "bench") process.exitCode = await bench(args);
else if (command === "release") process.exitCode = release(root, args);
else if (command !== "pack") {
  // In this process: a signal then has one receiver, and the terminal is given back when the command has ended.
  process.chdir(root);
  await import("../dist/kernel/cli.js");
}
