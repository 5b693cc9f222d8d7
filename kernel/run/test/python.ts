import { spawnSync } from "node:child_process";

import { tool } from "../../test/tool.ts";

/**
 * A Python that has a module: Debian's, since its packages are for its own Python, else the one that is found first.
 * Undefined (with a message, or an error in CI) when there is none.
 */
export function pythonWith(module: string): string | undefined {
  const has = (python: string): boolean =>
    spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0;
  const found = ["/usr/bin/python3", "python3"].find(has);
  if (found === undefined) tool("/usr/bin/python3", ["-c", `import ${module}`], `python3-${module}`);
  return found;
}
