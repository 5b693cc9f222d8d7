import { inspect } from "node:util";
import type { Magic, MagicCall } from "./magic.ts";

/** A value's text is cut here. */
const longest = 60;

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** `%who`. */
export const who: Magic = {
  summary: "lists the notebook's variables",
  usage: ["%who", "%who TYPE"],
  help: "Those that cells have declared at their top level. With a type (`string`, `Map`, `function`) only those of that type.",
  run(call, host) {
    const names = variablesOf(call).map(({ name }) => name);
    host.print(`${names.length === 0 ? "No variables." : names.join("  ")}\n`);
  },
};

/** `%whos`. */
export const whos: Magic = {
  summary: "lists the notebook's variables with their types and values",
  usage: ["%whos", "%whos TYPE"],
  help: "Those that cells have declared at their top level, with their types at run time. Values are cut.",
  run(call, host) {
    const rows = [{ name: "Variable", type: "Type", text: "Value" }, ...variablesOf(call)];
    const [names, types] = [width(rows, "name"), width(rows, "type")];
    const lines = rows.map(({ name, type, text }) => `${name.padEnd(names)}${type.padEnd(types)}${text}`);
    host.print(rows.length === 1 ? "No variables.\n" : `${lines.join("\n")}\n`);
  },
};

function variablesOf({ argument, variables }: MagicCall): Variable[] {
  return Object.entries(variables)
    .flatMap(([name, read]) => {
      try {
        const value = read();
        return [{ name, type: typeOf(value), text: textOf(value) }];
      } catch {
        return []; // declared by a cell that did not get as far
      }
    })
    .filter(({ type }) => argument === "" || type === argument)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "function")
    return /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "function";
  if (typeof value !== "object") return typeof value;
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: unknown } | null;
  return tag === "Object" && typeof prototype?.constructor === "function" ? prototype.constructor.name : tag;
}

function textOf(value: unknown): string {
  const text = inspect(value, { depth: 0, maxArrayLength: 5, maxStringLength: longest, breakLength: Infinity });
  const line = text.replace(/\s*\n\s*/g, " ");
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

function width(rows: readonly Variable[], column: "name" | "type"): number {
  return Math.max(...rows.map((row) => row[column].length)) + 2;
}
