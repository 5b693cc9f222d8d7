/** TypeScript's libraries after ES2023, each with a name that it declares and that a Node which lacks the library's subject lacks. */
const newer: Readonly<Record<string, string>> = {
  "es2024.arraybuffer": "ArrayBuffer.prototype.transfer",
  "es2024.collection": "Map.groupBy",
  "es2024.object": "Object.groupBy",
  "es2024.promise": "Promise.withResolvers",
  "es2024.regexp": "RegExp.prototype.unicodeSets",
  "es2024.sharedmemory": "Atomics.waitAsync",
  "es2024.string": "String.prototype.isWellFormed",
  "es2025.collection": "Set.prototype.union",
  "es2025.float16": "Float16Array",
  "es2025.intl": "Intl.DurationFormat",
  "es2025.iterator": "Iterator.prototype.map",
  "es2025.promise": "Promise.try",
  "es2025.regexp": "RegExp.escape",
  "esnext.array": "Array.fromAsync",
  "esnext.collection": "Map.prototype.getOrInsert",
  "esnext.date": "Date.prototype.toTemporalInstant",
  "esnext.disposable": "DisposableStack",
  "esnext.error": "Error.isError",
  "esnext.intl": "Intl.Locale.prototype.getWeekInfo",
  "esnext.sharedmemory": "Atomics.pause",
  "esnext.temporal": "Temporal.Now",
  "esnext.typedarrays": "Uint8Array.prototype.toBase64",
};

/** Whether `globalThis` has a name; the last part may be a getter, which is not called. */
function has(path: string): boolean {
  const names = path.split(".");
  const last = names.pop()!;
  let value: unknown = globalThis;
  for (const name of names) {
    if (!isObject(value)) return false;
    value = value[name];
  }
  return isObject(value) && last in value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** The libraries that declare what the Node that runs has, and what the transpiler brings: decorators, and `using`, whose symbols Node's own types declare. */
export function platformLibraries(): string[] {
  const those = Object.entries(newer).flatMap(([library, path]) => (has(path) ? [library] : []));
  return ["es2023", ...those, "esnext.decorators"].map((library) => `lib.${library}.d.ts`);
}
