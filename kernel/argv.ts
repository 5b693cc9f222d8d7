import { fileURLToPath } from "node:url";

/**
 * The command that starts a kernel on a connection file: one source for the kernelspec and for the runner.
 *
 * The flags: no abort of the process when an interrupt terminates a timer or a continuation midway; local TypeScript
 * modules as `vm` modules, without the warning that these are experimental; on Node 24, which has no other way left to its stack of
 * asynchronous scopes, its internals.
 *
 * @param connectionFile - a path, or `{connection_file}` in a kernelspec
 * @example
 * ```ts
 * import { kernelArgv } from "veelab/kernel";
 *
 * console.log(kernelArgv("{connection_file}").at(-1)); // {connection_file}
 * ```
 */
export function kernelArgv(connectionFile: string): string[] {
  // Node 20 runs no TypeScript: from the sources, as in a test, it is the built kernel that is meant.
  const main = import.meta.url.endsWith(".ts") ? "../dist/kernel/main.js" : "./main.js";
  return [
    process.execPath,
    "--no-force-async-hooks-checks",
    ...(Number.parseInt(process.versions.node) >= 24 ? ["--expose-internals"] : []),
    "--experimental-vm-modules",
    "--disable-warning=ExperimentalWarning",
    fileURLToPath(new URL(main, import.meta.url)),
    connectionFile,
  ];
}
