import { OptionError } from "./errors.ts";
import type { Cell, Row } from "./table.ts";

/** A policy or a model as a value: what it is called, what it was made with, and how a run gets its own instance. */
export interface Labelled {
  /** Its name in tables and charts: `lru`. */
  readonly label: string;
  /** Everything that tells it from others of its label. */
  readonly params: Row;
  /** Makes an instance with its own state; what it takes and gives is up to the simulator. */
  readonly create: (...inputs: never[]) => unknown;
}

/** A value that a parameter of a sweep takes. */
export type AxisValue = Cell | Labelled;

const NAME = /^[a-z][A-Za-z0-9]*$/;

/** The columns that each value of a parameter gives, checked to be told apart by them. Linear in the values. */
export function axisColumns(name: string, values: readonly AxisValue[]): Row[] {
  if (!NAME.test(name)) throw new OptionError("axes", "parameter names in camelCase without dots", name);
  if (values.length === 0) throw new OptionError(name, "at least one value", values);
  const columns = values.map((value, index) => columnsOf(name, `${name}[${index}]`, value));
  const places = new Map<string, number>();
  columns.forEach((row, index) => {
    const shown = JSON.stringify(
      Object.entries(row)
        .sort()
        .map(([column, cell]) => [column, typeof cell, String(cell)]),
    );
    const twin = places.get(shown);
    if (twin !== undefined) {
      const columnNames = Object.keys(row).join(", ");
      throw new OptionError(
        `${name}[${index}]`,
        `a value that ${columnNames} tell from ${name}[${twin}]`,
        values[index],
      );
    }
    places.set(shown, index);
  });
  return columns;
}

function columnsOf(name: string, place: string, value: AxisValue): Row {
  if (value === null || typeof value === "string" || typeof value === "boolean") return { [name]: value };
  if (typeof value === "number") {
    if (Number.isNaN(value)) throw new OptionError(place, "a number", value);
    return { [name]: value };
  }
  if (typeof value !== "object" || typeof value.label !== "string" || typeof value.create !== "function") {
    throw new OptionError(place, "a number, text, boolean, null or { label, params, create }", value);
  }
  const columns: Record<string, Cell> = { [name]: value.label };
  for (const [param, cell] of Object.entries(value.params)) {
    if (!NAME.test(param)) throw new OptionError(`${place}.params`, "names in camelCase without dots", param);
    if (cell !== null && typeof cell === "object") {
      throw new OptionError(`${place}.params.${param}`, "a number, text, boolean or null", cell);
    }
    columns[name + param.charAt(0).toUpperCase() + param.slice(1)] = cell;
  }
  return columns;
}

/** Whether two cells are shown alike: 0 and -0 are. */
export function same(a: Cell, b: Cell): boolean {
  return a === b || Object.is(a, b);
}
