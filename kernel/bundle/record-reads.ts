// Loaded before everything else into a kernel whose reads are to be known (`node --import`), and so into its threads and the Node programs that it starts: a line of JSON
// for each file that Node's file system is asked for the first time, into the file that VEELAB_READS names. What a native library or another program reads is not seen,
// but the readers of veelab look at a file before they give its name to one.
import fs from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

type Kind = "read" | "looked" | "written";
type Call = (...args: unknown[]) => unknown;
type Module = Record<string, Call>;

const log = process.env["VEELAB_READS"];
const append = fs.appendFileSync;
/** Veelab's, which may be installed as a package itself. */
const ownCode = new URL("../../", import.meta.url).href;
const ownFolder = fileURLToPath(ownCode);
const seen = new Set<string>();

function note(kind: Kind, place: unknown): void {
  const path =
    typeof place === "string" ? place : place instanceof URL && place.protocol === "file:" ? fileURLToPath(place) : "";
  if (path === "" || log === undefined) return;
  const file = resolve(path);
  if (seen.has(`${kind} ${file}`)) return;
  const noted = kind === "read" && isPackages() ? "looked" : kind;
  if (seen.has(`${noted} ${file}`)) return;
  seen.add(`${noted} ${file}`);
  append(log, `${JSON.stringify([noted, file])}\n`);
}

/** Whether a package's own code asks, as one does that looks which C library there is: such a file is the notebook's only if it is in its folder. */
function isPackages(): boolean {
  const callers = new Error().stack?.split("\n").slice(1) ?? [];
  const first = callers.find((line) => !line.includes(import.meta.url) && !/[( ]node:|\(<anonymous>\)$/u.test(line));
  if (first === undefined || !/[\\/]node_modules[\\/]/u.test(first)) return false;
  // A module's frame has its address, a CommonJS one its path.
  return !first.includes(ownCode) && !first.includes(ownFolder);
}

/** Whether a file is opened to be written anew, or at its end. */
const writes = (flags: unknown): boolean =>
  typeof flags === "string"
    ? /^[wa]/.test(flags)
    : typeof flags === "number" && (flags & (fs.constants.O_TRUNC | fs.constants.O_APPEND)) !== 0;

const kinds: Readonly<Record<string, (flags: unknown) => Kind | undefined>> = {
  open: (flags) => (writes(flags) ? "written" : "read"),
  readFile: () => "read",
  createReadStream: () => "read",
  copyFile: () => "read",
  stat: () => "looked",
  access: () => "looked",
  exists: () => "looked",
  writeFile: () => "written",
  appendFile: () => "written",
  createWriteStream: () => "written",
  rename: () => undefined,
};
/** Calls whose second argument is a file that is there afterwards. */
const arrives = new Set(["copyFile", "rename"]);

const require = createRequire(import.meta.url);
for (const name of ["node:fs", "node:fs/promises"]) {
  const module = require(name) as Module;
  for (const [call, kindOf] of Object.entries(kinds))
    for (const method of [call, `${call}Sync`]) {
      const original = module[method];
      if (original === undefined) continue;
      // What a function carries (promisify's own form, which is hidden from a loop) it keeps.
      module[method] = Object.defineProperties(function (this: unknown, ...args: unknown[]): unknown {
        const kind = kindOf(args[1]);
        if (kind !== undefined) note(kind, args[0]);
        if (arrives.has(call)) note("written", args[1]);
        return original.apply(this, args);
      }, Object.getOwnPropertyDescriptors(original));
    }
}
syncBuiltinESMExports();
