import { types } from "node:util";

/** What kind of value it is: its class where it has one. Runs no code of the value. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "function")
    return /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "function";
  if (typeof value !== "object") return typeof value;
  if (types.isProxy(value)) return "Proxy";
  for (let from: unknown = value; typeof from === "object" && from !== null; from = Object.getPrototypeOf(from)) {
    if (types.isProxy(from)) break;
    const made: unknown = Object.getOwnPropertyDescriptor(from, "constructor")?.value;
    const name: unknown =
      typeof made === "function" && !types.isProxy(made)
        ? Object.getOwnPropertyDescriptor(made, "name")?.value
        : undefined;
    if (typeof name === "string" && name !== "") return name;
  }
  return "Object";
}
