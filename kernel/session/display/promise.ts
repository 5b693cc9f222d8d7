import { types } from "node:util";

/** Whether a value is to be waited for. Not by `instanceof`: a cell, or a library in it, may have replaced `Promise`. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  if (types.isPromise(value)) return true;
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
