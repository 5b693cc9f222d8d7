import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../package-root.ts";
import { changelogEntry, cleanCommit, obstacles, recordTests, testsOf } from "../checks.mjs";

const counts = { passed: 3, failed: 0, skipped: 0 };
let root: string;

function git(...args: readonly string[]): void {
  const said = spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  if (said.status !== 0) throw new Error(said.stderr);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "veelab-release-"));
  const write = (name: string, text: string): void => {
    writeFileSync(join(root, name), text);
  };
  write("package.json", '{ "version": "1.2.0" }');
  write("package-lock.json", '{ "version": "1.2.0", "packages": { "": { "version": "1.2.0" } } }');
  write("CITATION.cff", "title: a\nversion: 1.2.0\n");
  write(
    "CHANGELOG.md",
    "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-01-02\n\n- This.\n\n## [1.1.0]\n\n- That.\n",
  );
  write(".gitignore", "artifacts\n");
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "a");
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe("what stands in the way of a release", () => {
  it("is nothing, of a clean checkout that was tested", () => {
    recordTests(root, cleanCommit(root), counts);
    expect(obstacles(root)).toEqual([]);
  });

  it("is a commit that was not tested", () => {
    recordTests(root, cleanCommit(root), counts);
    git("commit", "-qm", "b", "--allow-empty");
    expect(obstacles(root)).toEqual([
      expect.stringMatching(/^expected npm test to have passed at [0-9a-f]{40}, got a run at/),
    ]);
  });

  it("is a commit that was made while the tests ran", () => {
    const before = cleanCommit(root);
    git("commit", "-qm", "b", "--allow-empty");
    recordTests(root, before, counts);
    expect(obstacles(root)).toEqual([expect.stringMatching(/got no run$/)]);
  });

  it("is that git knows nothing of the folder", () => {
    rmSync(join(root, ".git"), { recursive: true });
    expect(obstacles(root)).toContain("expected a checkout of git, got none, or no git");
  });

  it("is no test that was skipped, which the record says", () => {
    recordTests(root, cleanCommit(root), { ...counts, skipped: 2 });
    expect(testsOf(root)).toMatchObject({ passed: 3, skipped: 2 });
    expect(obstacles(root)).toEqual([]);
  });

  it("is a change, at which no test counts", () => {
    writeFileSync(join(root, "new"), "");
    recordTests(root, cleanCommit(root), counts);
    expect(obstacles(root)).toEqual([
      "expected a checkout without changes, got some: git status lists them",
      expect.stringMatching(/got no run$/),
    ]);
  });

  it("is a version that is out, that others do not have, or that nothing is said of", () => {
    git("tag", "v1.3.0");
    mkdirSync(join(root, "artifacts"));
    writeFileSync(join(root, "package.json"), '{ "version": "1.3.0" }');
    git("commit", "-qam", "b");
    recordTests(root, cleanCommit(root), counts);
    expect(obstacles(root)).toEqual([
      "expected a version that is new, got v1.3.0, which is a tag",
      "package-lock.json: expected version 1.3.0, got 1.2.0",
      "CITATION.cff: expected version 1.3.0, got 1.2.0",
      "CHANGELOG.md: expected an entry of 1.3.0, got none",
    ]);
  });
});

describe("the changelog", () => {
  it("has an entry by version, with its date and its text", () => {
    const text = readFileSync(join(root, "CHANGELOG.md"), "utf8");
    expect(changelogEntry(text, "1.2.0")).toEqual({ date: "2026-01-02", text: "- This." });
    expect(changelogEntry(text, "1.1.0")).toEqual({ date: undefined, text: "- That." });
    expect(changelogEntry(text, "1.2")).toBeUndefined();
  });

  it("of veelab speaks of its version and keeps the headings", () => {
    const text = readFileSync(join(packageRoot(), "CHANGELOG.md"), "utf8");
    const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string };
    expect(changelogEntry(text, version)?.text).toMatch(/\w/);
    expect(changelogEntry(text, "Unreleased")).toBeDefined();
    for (const [, heading] of text.matchAll(/^### (.*)$/gmu))
      expect(["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]).toContain(heading);
  });
});
