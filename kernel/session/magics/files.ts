import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { MagicError, misused, type Magic } from "./magic.ts";
import { pathOf } from "./paths.ts";

/** `%load`. */
export const load: Magic = {
  summary: "replaces the cell by the text of a file",
  usage: ["%load FILE"],
  help: "The path is relative to the folder of %cd. Nothing is run; a front end that cannot replace a cell shows a new one.",
  async run({ argument }, host) {
    if (argument === "") throw misused(load, argument);
    const text = await readFile(resolve(pathOf(argument)), "utf8").catch((error: unknown) => {
      throw new MagicError(`%load: expected a file that can be read, got ${argument}`, { cause: error });
    });
    host.payload({ source: "set_next_input", text: `// %load ${argument}\n${text}`, replace: true });
  },
};

/** `%%writefile`. */
export const writefile: Magic = {
  summary: "writes the cell to a file",
  usage: ["%%writefile FILE", "%%writefile -a FILE"],
  help: "The path is relative to the folder of %cd. With -a the text is added to the file's end. A cell that imports it gets it as it is now.",
  async run({ argument, body }, host) {
    const [, append, given = ""] = /^(-a\s+)?(.*)$/.exec(argument) ?? [];
    const file = pathOf(given);
    if (file === "") throw misused(writefile, argument);
    const text = body.endsWith("\n") || body === "" ? body : `${body}\n`;
    await writeFile(resolve(file), text, { flag: append === undefined ? "w" : "a" });
    host.print(`${append === undefined ? "Wrote" : "Added to"} ${file}\n`);
  },
};
