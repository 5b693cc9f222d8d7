import { magicForms, signed, type MagicName } from "./names.ts";
import { MagicError, type Magic } from "./magic.ts";
import { explain } from "./explain.ts";
import { command } from "./shell.ts";
import { magics } from "./table.ts";

/** `%help`. */
export const help: Magic = {
  summary: "explains a magic, or lists all",
  usage: ["%help", "%help NAME", "%NAME?"],
  help: "Names are given with or without their percent signs.",
  run({ argument }, host) {
    const name = argument.replace(/^%{1,2}|\?$/g, "");
    if (name === "") {
      const lines = (Object.keys(magicForms) as MagicName[]).map(
        (each) => [signed(each), magics[each].summary] as const,
      );
      const rows = [["!COMMAND", command.summary] as const, ...lines].map(
        ([sign, summary]) => `${sign.padEnd(14)}${summary}`,
      );
      host.print(`${rows.join("\n")}\n\n%NAME? explains one.\n`);
      return;
    }
    const text = explain(name);
    if (text === undefined)
      throw new MagicError(`%help: expected the name of a magic (%lsmagic lists them), got ${argument}`);
    host.print(`${text}\n`);
  },
};

/** `%lsmagic`. */
export const lsmagic: Magic = {
  summary: "lists the names of all magics",
  usage: ["%lsmagic"],
  help: "%help lists them with what they do.",
  run(_, host) {
    const names = (Object.keys(magicForms) as MagicName[]).map(signed);
    host.print(`${["!COMMAND", ...names].join("  ")}\n`);
  },
};
