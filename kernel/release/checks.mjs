// What must hold before a version is published.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const record = "artifacts/tested.json";

function git(root, ...args) {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * The commit of a checkout; undefined where files differ from it, or there is none.
 *
 * @param {string} root
 * @returns {string | undefined}
 */
export function cleanCommit(root) {
  return git(root, "status", "--porcelain") === "" ? git(root, "rev-parse", "HEAD") : undefined;
}

/**
 * Keeps that no test failed at a commit, and how many were skipped; nothing where the checkout differed from a commit, or is another one now.
 *
 * @param {string} root
 * @param {string | undefined} commit the {@link cleanCommit} before the tests
 * @param {{ passed: number, failed: number, skipped: number }} counts
 */
export function recordTests(root, commit, counts) {
  if (commit === undefined || cleanCommit(root) !== commit) return;
  mkdirSync(join(root, "artifacts"), { recursive: true });
  const said = { commit, node: process.version, platform: `${process.platform}-${process.arch}`, ...counts };
  writeFileSync(join(root, record), `${JSON.stringify(said, undefined, 2)}\n`);
}

/**
 * The last run of every test that was kept; undefined where there is none.
 *
 * @param {string} root
 * @returns {{ commit: string, node: string, platform: string, passed: number, failed: number, skipped: number } | undefined}
 */
export function testsOf(root) {
  return existsSync(join(root, record)) ? JSON.parse(readFileSync(join(root, record), "utf8")) : undefined;
}

/**
 * The text of a version in a changelog; undefined where it has no entry.
 *
 * @param {string} changelog
 * @param {string} version
 * @returns {{ date: string | undefined, text: string } | undefined}
 */
export function changelogEntry(changelog, version) {
  const sections = changelog.split(/^## /mu).slice(1);
  for (const section of sections) {
    const [, name, date] = /^\[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?\n/u.exec(section) ?? [];
    if (name === version) return { date, text: section.slice(section.indexOf("\n") + 1).trim() };
  }
  return undefined;
}

/**
 * What stands in the way of publishing a checkout, a sentence each.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function obstacles(root) {
  const read = (path) => readFileSync(join(root, path), "utf8");
  const { version } = JSON.parse(read("package.json"));
  const commit = git(root, "rev-parse", "HEAD");
  const found = [];
  const expect = (holds, sentence) => {
    if (!holds) found.push(sentence);
  };
  expect(/^\d+\.\d+\.\d+(-[\w.]+)?$/u.test(version), `package.json: expected a semantic version, got ${version}`);
  expect(cleanCommit(root) !== undefined, "expected a checkout without changes, got some: git status lists them");
  const tag = git(root, "tag", "--list", `v${version}`);
  expect(
    tag === "",
    tag === undefined
      ? "expected a checkout of git, got none, or no git"
      : `expected a version that is new, got v${version}, which is a tag`,
  );
  const locked = JSON.parse(read("package-lock.json"));
  expect(
    locked.version === version && locked.packages[""].version === version,
    `package-lock.json: expected version ${version}, got ${locked.version}`,
  );
  const cited = /^version: (\S+)$/mu.exec(read("CITATION.cff"))?.[1];
  expect(cited === version, `CITATION.cff: expected version ${version}, got ${cited ?? "none"}`);
  const changelog = read("CHANGELOG.md");
  const entry = changelogEntry(changelog, version);
  expect(entry !== undefined && entry.text !== "", `CHANGELOG.md: expected an entry of ${version}, got none`);
  if (entry !== undefined)
    expect(entry.date !== undefined, `CHANGELOG.md: expected "## [${version}] - YYYY-MM-DD", got no date`);
  const open = changelogEntry(changelog, "Unreleased");
  expect(open !== undefined && open.text === "", "CHANGELOG.md: expected an empty section [Unreleased], got another");
  const tested = testsOf(root);
  expect(
    commit !== undefined && tested?.commit === commit,
    `expected npm test to have passed at ${commit ?? "a commit"}, got ${tested === undefined ? "no run" : `a run at ${tested.commit}`}`,
  );
  return found;
}
