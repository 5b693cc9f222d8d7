import { statSync } from "node:fs";
import { dirname } from "node:path";
import { OptionError } from "../errors.ts";

/** Checks, before a capture takes its time, that its file has an Arrow file's name and its folder is there; OptionError where not. */
export function checkTraceFile(out: string): void {
  if (typeof out !== "string" || !/\.arrow(\.gz)?$/.test(out))
    throw new OptionError("out", "a file name that ends in .arrow or .arrow.gz", out);
  if (statSync(dirname(out), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new OptionError("out", "a file in a folder that exists", out);
}
