import { existsSync } from "node:fs";
import { join } from "node:path";

const folder = process.env["VEELAB_SAMPLES"] ?? "";

/**
 * A file of real traces that are not ours to ship: in the folder that `VEELAB_SAMPLES` names. Undefined, said once, where it is
 * not there, for the test to skip.
 */
export function realSample(name: string): string | undefined {
  const path = join(folder, name);
  if (folder !== "" && existsSync(path)) return path;
  console.warn(`skipped: no ${name} in the folder VEELAB_SAMPLES`);
  return undefined;
}
