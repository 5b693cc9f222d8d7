import { methodOf } from "../display/method.ts";
import { tableOf, type TableView } from "../display/table.ts";
import { cut, list } from "./one-line.ts";
import { indexedSpan, nothing, type Shape, type Span } from "./span.ts";
import { typeName } from "./type-name.ts";

/** Tables and columns of any library, and vectors of Apache Arrow; undefined for everything else. */
export function tableShape(value: object): Shape | undefined {
  if (isVector(value)) return vectorShape(value);
  const table = recognised(value);
  return table && wholeTable(table);
}

/** A table of any library, where asking what it is runs nothing that fails. */
function recognised(value: object): TableView | undefined {
  try {
    return tableOf(value);
  } catch {
    return undefined;
  }
}

/** One column of a table, to be opened. */
class Column {
  readonly span: Span;
  readonly type: string;

  constructor({ rows }: TableView, { at, type }: TableView["columns"][number]) {
    this.span = indexedSpan(rows, at);
    this.type = type;
  }
}

/** A table's columns by name, and its rows by number. */
function wholeTable(table: TableView): Shape {
  const { kind, rows, columns, note } = table;
  const fields = columns.map(({ name, type }) => (type === "" ? name : `${name}: ${type}`)).join(", ");
  return {
    type: kind,
    text: cut(`${kind} ${rows} × ${columns.length} (${fields})${note === undefined ? "" : `, ${note}`}`),
    named: {
      size: columns.length,
      slice: (start, end) =>
        columns.slice(start, end).map((column) => ({ name: column.name, value: new Column(table, column) })),
    },
    indexed: indexedSpan(rows, (row) => Object.fromEntries(columns.map(({ name, at }) => [name, at(row)]))),
  };
}

interface Vector {
  readonly length: number;
  readonly type: unknown;
  get(index: number): unknown;
}

/** A column of a table as it is shown here, or a vector of Apache Arrow. */
function isVector(value: object): value is Column | Vector {
  if (value instanceof Column) return true;
  if (typeName(value) !== "Vector") return false;
  const { length, type } = value as Partial<Vector>;
  return typeof length === "number" && typeof type === "object" && methodOf(value, "get") !== undefined;
}

function vectorShape(value: Column | Vector): Shape {
  const span = value instanceof Column ? value.span : indexedSpan(value.length, (index) => value.get(index));
  const type = value instanceof Column ? value.type : `Vector<${String(value.type)}>`;
  return {
    type: type === "" ? "column" : type,
    text: cut(`${type}(${span.size}) ${list(span)}`),
    named: nothing,
    indexed: span,
  };
}
