import { isAbsolute } from "node:path";
import type { CatalogueEntry } from "./catalogue-type.ts";
import { show, TraceFormatError } from "./errors.ts";

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isInside = (path: unknown): boolean =>
  isText(path) && !isAbsolute(path as string) && !(path as string).split(/[\\/]/).includes("..");
const isList = (list: unknown, key: string): boolean =>
  Array.isArray(list) &&
  list.every((part: unknown) => isText((part as Readonly<Record<string, unknown>> | null)?.[key]));

type Check = readonly [field: keyof CatalogueEntry, expected: string, holds: (value: unknown) => boolean];

const checks: readonly Check[] = [
  ["name", "a name", isText],
  ["path", "one file in the catalogue's folder", isInside],
  ["title", "a title", isText],
  ["hash", "sha256: and 64 hexadecimal digits", (value) => /^sha256:[0-9a-f]{64}$/.test(String(value))],
  ["bytes", "the file's size", isCount],
  ["rows", "the number of rows", isCount],
  ["sources", "a list of sources with their titles", (value) => isList(value, "title")],
  ["licenses", "a list of licences with their names", (value) => isList(value, "name")],
  [
    "schema",
    "a list of fields with their names",
    (value) => isList((value as { fields?: unknown } | null)?.fields, "name"),
  ],
];

/**
 * The resources of a catalogue's file, each of which says what an entry must, under a name of its own; TraceFormatError, with the
 * resource's number from 0, when not.
 */
export function checkedEntries(file: string, resources: unknown): readonly CatalogueEntry[] {
  const fault = (field: string, expected: string, got: unknown): never => {
    throw new TraceFormatError({ file, field }, `expected ${expected}, got ${got === undefined ? "none" : show(got)}`);
  };
  if (!Array.isArray(resources)) return fault("resources", "a list of datasets", resources);
  const names = new Set<unknown>();
  for (const [at, entry] of (resources as unknown[]).entries()) {
    const place = `resources[${at}]`;
    if (typeof entry !== "object" || entry === null) return fault(place, "a dataset", entry);
    for (const [field, expected, holds] of checks) {
      const value = (entry as Readonly<Record<string, unknown>>)[field];
      if (!holds(value)) fault(`${place}.${field}`, expected, value);
    }
    const { name } = entry as CatalogueEntry;
    if (names.has(name)) fault(`${place}.name`, "each name once", name);
    names.add(name);
  }
  return resources as CatalogueEntry[];
}
