import { dirname, isAbsolute } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

// As with the display key, the name is the whole agreement: veelab's kernel puts its notebook's folder there, and another host may.
const DIRECTORY = Symbol.for("veelab.directory");

/**
 * The folder of the module that called a function, which is where it looks up its imports; of a notebook's cell, the notebook's. Where nothing tells,
 * the process's.
 *
 * @param called - the function, which is still running
 */
export function callerDirectory(called: (...inputs: never[]) => unknown): string {
  const place: { stack?: string } = {};
  Error.captureStackTrace(place, called);
  const [, file = ""] =
    /\n\s+at (?:async )?(?:.*? \()?((?:file:\/\/|\/|[A-Za-z]:\\).*?):\d+:\d+\)?/.exec(firstFrame(place)) ?? [];
  if (file.startsWith("file:")) return dirname(fileURLToPath(file));
  if (isAbsolute(file)) return dirname(file);
  const host: unknown = Reflect.get(globalThis, DIRECTORY);
  return typeof host === "string" ? host : process.cwd();
}

function firstFrame({ stack = "" }: { readonly stack?: string }): string {
  return `\n${stack.split("\n").find((line) => /^\s+at /.test(line)) ?? ""}`;
}
