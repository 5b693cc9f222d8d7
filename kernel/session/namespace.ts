import { ImportError } from "./resolve.ts";

/** What `import()` gives. */
export type ModuleNamespace = Readonly<Record<string, unknown>>;

/**
 * One export of a module, by the name in an `import { name }`: `*` for all of them. A CommonJS module's names are also taken
 * from its `module.exports`, which Node's static analysis does not always see through.
 *
 * @throws ImportError which lists what the module exports
 */
export function exportNamed(namespace: ModuleNamespace, name: string, specifier: string): unknown {
  if (name === "*") return namespace;
  if (name in namespace) return namespace[name];
  const { default: exported } = namespace;
  if (isObject(exported) && name !== "default" && name in exported) return exported[name];
  const names = Object.keys(namespace);
  const shown = names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
  throw new ImportError(
    `The module "${specifier}" has no export named "${name}"; it has ${shown || "none"}`,
    "ERR_EXPORT_NOT_FOUND",
  );
}

/** The names under which a local module can import from a native one, with what {@link exportNamed} adds. */
export function exportNames(namespace: ModuleNamespace): string[] {
  const names = new Set(Object.keys(namespace));
  const { default: exported } = namespace;
  if (names.has("module.exports") || names.has("__esModule") || names.size === 1) {
    if (isObject(exported)) for (const name of Object.keys(exported)) names.add(name);
  }
  return [...names];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
