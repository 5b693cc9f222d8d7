import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { packageRoot, packageVersion } from "../../package-root.ts";

/** With what a report was made: a name and a value a line. */
export type Environment = readonly (readonly [name: string, value: string])[];

/** This machine and this veelab. What is not known is left out: an installed package has neither a commit nor a lock file. */
export async function thisEnvironment(): Promise<Environment> {
  const root = packageRoot();
  const commit = await commitOf(root);
  const lock = await readFile(join(root, "package-lock.json")).catch(() => undefined);
  const processors = cpus();
  return [
    ["veelab", packageVersion()],
    ...(commit === undefined ? [] : ([["commit", commit]] as const)),
    ...(lock === undefined ? [] : ([["package-lock.json", `sha256:${sha256(lock)}`]] as const)),
    ["Node", process.versions.node],
    ["V8", process.versions.v8],
    ["system", `${platform()} ${release()}, ${arch()}`],
    ["processor", `${processors[0]?.model.trim() ?? "unknown"}, ${processors.length} threads`],
    ["memory", `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
  ];
}

/** The commit that is checked out in a clone, and whether files differ from it. */
async function commitOf(root: string): Promise<string | undefined> {
  if (!existsSync(join(root, ".git"))) return undefined;
  const git = promisify(execFile);
  const arguments_ = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
  // No git, or a clone of another owner: the report can do without.
  const said = await git("git", arguments_, { cwd: root }).catch(() => undefined);
  const commit = said?.stdout.trim();
  return commit?.replace("-dirty", ", with changes");
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
