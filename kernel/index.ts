/**
 * The kernel, for programs that start it.
 *
 * @module
 */
export { kernelArgv } from "./argv.ts";
