import type { ColumnType } from "./column-type.ts";

/** A column of a dataset, as the catalogue describes it (Table Schema, with `arrowType` and `unit` added). */
export interface CatalogueField {
  readonly name: string;
  /** Table Schema's own, coarser type. */
  readonly type: "boolean" | "integer" | "number" | "string" | "datetime";
  readonly arrowType: ColumnType;
  /** The unit, "" for a name or a text, "1" for a pure number. */
  readonly unit: string;
  readonly description: string;
}

/** A dataset of the catalogue (Data Package, a tabular resource). */
export interface CatalogueEntry {
  /** The name that `open` takes: "published/selective-paging-table-1". */
  readonly name: string;
  /** The file, relative to the catalogue's folder, with forward slashes. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly format: string;
  readonly mediatype: string;
  readonly sources: readonly { readonly title: string; readonly path?: string }[];
  readonly licenses: readonly { readonly name: string; readonly title: string; readonly path: string }[];
  /** `sha256:` and the file's SHA-256 in hexadecimal. */
  readonly hash: string;
  readonly bytes: number;
  readonly rows: number;
  readonly schema: { readonly fields: readonly CatalogueField[] };
  /** Of a captured trace: the command, the program, the counts. */
  readonly provenance?: Readonly<Record<string, string>>;
}

/** The catalogue's file, a Data Package descriptor. */
export interface DataPackage {
  readonly $schema: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly resources: readonly CatalogueEntry[];
}

/** Table Schema's type for a column type. */
export function tableSchemaType(type: ColumnType): CatalogueField["type"] {
  if (type === "bool") return "boolean";
  if (type === "utf8") return "string";
  if (type === "timestamp") return "datetime";
  return type.startsWith("float") ? "number" : "integer";
}
