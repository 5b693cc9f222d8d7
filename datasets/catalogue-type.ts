import type { ColumnType } from "./column-type.ts";

/** A column of a dataset, as the catalogue describes it (Table Schema, with `arrowType` and `unit` added). */
export interface CatalogueField {
  /** The column's name. */
  readonly name: string;
  /** Table Schema's own, coarser type. */
  readonly type: "boolean" | "integer" | "number" | "string" | "datetime" | "date";
  /** The type that it is read as. */
  readonly arrowType: ColumnType;
  /** The unit, "" for a name or a text, "1" for a pure number. */
  readonly unit: string;
  /** What the column says. */
  readonly description: string;
}

/** Where data come from. */
export interface CatalogueSource {
  /** The publication, program or person. */
  readonly title: string;
  /** Its address, a DOI where there is one. */
  readonly path?: string;
}

/** A licence of data. */
export interface CatalogueLicense {
  /** Its SPDX identifier. */
  readonly name: string;
  /** What it covers. */
  readonly title: string;
  /** Where its text is. */
  readonly path: string;
}

/** A table's columns, in order. */
export interface CatalogueSchema {
  /** One for each column. */
  readonly fields: readonly CatalogueField[];
}

/** A dataset of the catalogue (Data Package, a tabular resource). */
export interface CatalogueEntry {
  /** The name that `open` takes: "published/selective-paging-table-1". */
  readonly name: string;
  /** The file, relative to the catalogue's folder, with forward slashes. */
  readonly path: string;
  /** One line. */
  readonly title: string;
  /** What the rows are, and what to know before using them. */
  readonly description: string;
  /** The file's format: arrow or arrow.gz. */
  readonly format: string;
  /** The file's media type. */
  readonly mediatype: string;
  /** Where the data come from. */
  readonly sources: readonly CatalogueSource[];
  /** Under which terms they may be used. */
  readonly licenses: readonly CatalogueLicense[];
  /** `sha256:` and the file's SHA-256 in hexadecimal. */
  readonly hash: string;
  /** The file's size. */
  readonly bytes: number;
  /** Rows of the table. */
  readonly rows: number;
  /** Its columns. */
  readonly schema: CatalogueSchema;
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
  if (type === "date") return "date";
  return type.startsWith("float") ? "number" : "integer";
}
