import { homedir } from "node:os";
import { resolve } from "node:path";
import { MagicError, misused, type Magic } from "./magic.ts";
import { pathOf } from "./paths.ts";

let before: string | undefined;

/** `%cd`. */
export const cd: Magic = {
  summary: "changes the folder that commands and files are relative to",
  usage: ["%cd FOLDER", "%cd -", "%cd"],
  help: "Without a folder it is the home folder; with - the one before. Imports stay relative to the notebook's own folder.",
  run({ argument }, host) {
    const given = pathOf(argument);
    if (given === "-" && before === undefined)
      throw new MagicError("%cd -: expected a folder before this one, got none");
    const folder = given === "" ? homedir() : given === "-" ? before! : given;
    const from = process.cwd();
    try {
      process.chdir(resolve(folder));
    } catch (error) {
      throw new MagicError(`%cd: expected a folder, got ${folder}`, { cause: error });
    }
    before = from;
    host.print(`${process.cwd()}\n`);
  },
};

/** `%pwd`. */
export const pwd: Magic = {
  summary: "gives the folder that commands and files are relative to",
  usage: ["%pwd"],
  help: "It is the cell's result where it stands last.",
  run({ argument }) {
    if (argument !== "") throw misused(pwd, argument);
    return process.cwd();
  },
};
