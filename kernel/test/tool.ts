import { spawnSync } from "node:child_process";

/**
 * Whether a real tool that a test needs is there. Where it is absent the test skips and says why; with
 * `VEELAB_REQUIRE_TOOLS=1` (as in CI) its absence is an error, so that nothing skips unnoticed.
 *
 * @example `it.skipIf(!tool("valgrind", ["--version"]))("captures a trace", …)`
 */
export function tool(command: string, probe: readonly string[], debianPackage: string = command): boolean {
  const { error, status } = spawnSync(command, probe, { stdio: "ignore" });
  if (error === undefined && status === 0) return true;
  const missing = `${command} ${probe.join(" ")} does not run here (Debian: ${debianPackage})`;
  if (process.env["VEELAB_REQUIRE_TOOLS"] === "1") throw new Error(missing);
  console.warn(`skipped: ${missing}`);
  return false;
}
