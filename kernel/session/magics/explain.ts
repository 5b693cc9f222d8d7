import type { MagicName } from "./names.ts";
import { command } from "./shell.ts";
import { magics } from "./table.ts";

/** The help of a magic, or of `!`; nothing where there is none of that name. */
export function explain(name: string): string | undefined {
  if (name !== "!" && !Object.hasOwn(magics, name)) return undefined;
  const { summary, usage, help } = name === "!" ? command : magics[name as MagicName];
  return `${usage.join("\n")}\n\n${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}. ${help}`;
}
