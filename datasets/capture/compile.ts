import { join } from "node:path";
import { packageRoot } from "../package-root.ts";
import { output } from "./output.ts";

/** Compiles a C file of `datasets/capture` with the system's compiler. */
export async function compileC(source: string, into: string, flags: readonly string[]): Promise<void> {
  const path = join(packageRoot(), "datasets/capture", source);
  await output("cc", ["-O2", ...flags, "-o", into, path], "gcc libc6-dev");
}
