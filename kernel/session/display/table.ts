import { methodOf } from "./method.ts";

/** A column of a table of any library. */
export interface TableColumn {
  readonly name: string;
  /** The type as its library writes it; empty where there is none. */
  readonly type: string;
  /** Whether the values are numbers: they are aligned right. */
  readonly numeric: boolean;
  /** The value of a row, counted from 0 in the table's own order. */
  readonly at: (row: number) => unknown;
}

/** What a table of any library looks like from here. */
export interface TableView {
  /** `Arrow table`, `arquero table`, … */
  readonly kind: string;
  readonly rows: number;
  readonly columns: readonly TableColumn[];
  /** What else is to be known: `grouped by a, b`. */
  readonly note?: string;
}

/**
 * Recognises tables and record batches of Apache Arrow, of flechette and of arquero by their shape: several copies of these
 * libraries may be loaded, and none is loaded for this. Costs nothing that grows with the table.
 */
export function tableOf(value: object): TableView | undefined {
  return arrowView(value) ?? arqueroView(value);
}

/** All rows as plain objects. Linear in rows and columns. */
export function tableRows({ rows, columns }: TableView): Record<string, unknown>[] {
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map(({ name, at }) => [name, plainValue(at(row))])),
  );
}

/** Nested vectors as arrays, nested rows as objects. */
function plainValue(value: unknown): unknown {
  const toJson = isObject(value) && !(value instanceof Date) ? methodOf(value, "toJSON") : undefined;
  return toJson === undefined ? value : toJson();
}

/** Apache Arrow's table and record batch, and flechette's table, which has no batches. */
function arrowView(value: object): TableView | undefined {
  const { schema, numRows, getChildAt } = value as Record<string, unknown>;
  if (typeof numRows !== "number" || typeof getChildAt !== "function") return undefined;
  if (!isObject(schema) || !Array.isArray(schema["fields"])) return undefined;
  const child = (index: number): unknown => (getChildAt as (index: number) => unknown).call(value, index);
  const flechette = "children" in value && "names" in value;
  const batch = !flechette && !("batches" in value);
  const columns = (schema["fields"] as { name: string; type: unknown }[]).map(({ name, type }, index) => {
    const described = arrowType(type);
    const vector = child(index) as Indexed | null;
    return { name, ...described, at: (row: number) => described.read(elementOf(vector, row)) };
  });
  const kind = flechette ? "flechette table" : batch ? "Arrow record batch" : "Arrow table";
  return { kind, rows: numRows, columns };
}

interface Indexed {
  readonly get?: (row: number) => unknown;
  readonly at?: (row: number) => unknown;
}

function elementOf(vector: Indexed | null, row: number): unknown {
  return typeof vector?.get === "function" ? vector.get(row) : vector?.at?.(row);
}

interface DescribedType {
  readonly type: string;
  readonly numeric: boolean;
  readonly read: (value: unknown) => unknown;
}

/** Arrow's type numbers, from its format (Schema.fbs); a dictionary is -1 in both libraries. */
const typeNames: Readonly<Record<number, string>> = {
  [-1]: "Dictionary",
  1: "Null",
  2: "Int",
  3: "Float",
  4: "Binary",
  5: "Utf8",
  6: "Bool",
  7: "Decimal",
  8: "Date",
  9: "Time",
  10: "Timestamp",
  11: "Interval",
  12: "List",
  13: "Struct",
};

function arrowType(type: unknown): DescribedType {
  const { typeId } = type as { typeId: number };
  const name = typeNames[typeId] ?? "";
  const isTime = name === "Date" || name === "Timestamp";
  return {
    type: typeText(type, name),
    numeric: name === "Int" || name === "Float" || name === "Decimal",
    read: isTime ? toDate : (value) => value,
  };
}

/** Apache's types write themselves (`Uint32`); flechette's are plain objects. */
function typeText(type: unknown, name: string): string {
  const text = String(type);
  if (text !== "[object Object]") return text;
  const { signed, bitWidth, precision } = type as { signed?: boolean; bitWidth?: number; precision?: number };
  if (name === "Int" && bitWidth !== undefined) return `${signed === false ? "Uint" : "Int"}${bitWidth}`;
  return name === "Float" && precision !== undefined ? `Float${16 << precision}` : name;
}

function toDate(value: unknown): unknown {
  return typeof value === "number" || typeof value === "bigint" ? new Date(Number(value)) : value;
}

/** arquero's table: columns by name, with a filter, groups and an order that its own methods know. */
function arqueroView(value: object): TableView | undefined {
  const { columnNames, numRows, indices, column, groups, isFiltered } = value as Record<string, unknown>;
  for (const method of [columnNames, numRows, indices, column, groups, isFiltered]) {
    if (typeof method !== "function") return undefined;
  }
  const table = value as ArqueroTable;
  let order: Uint32Array | undefined;
  const columns = table.columnNames().map((name) => {
    const values = table.column(name);
    const at = (row: number): unknown => {
      if (!table.isFiltered() && !table.isOrdered()) return values.at(row);
      order ??= table.indices();
      return values.at(order[row]!);
    };
    const first = table.numRows() > 0 ? at(0) : undefined;
    return { name, type: "", numeric: typeof first === "number" || typeof first === "bigint", at };
  });
  const by = table.groups()?.names ?? [];
  return {
    kind: "arquero table",
    rows: table.numRows(),
    columns,
    ...(by.length > 0 ? { note: `grouped by ${by.join(", ")}` } : {}),
  };
}

interface ArqueroTable {
  columnNames(): string[];
  numRows(): number;
  indices(): Uint32Array;
  column(name: string): { at(row: number): unknown };
  groups(): { readonly names: readonly string[] } | null;
  isFiltered(): boolean;
  isOrdered(): boolean;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
