import { methodOf } from "./method.ts";
import { tableOf, tableRows } from "./table.ts";

/** A Vega or Vega-Lite specification as plain JSON. */
export type ChartSpec = Readonly<Record<string, unknown>>;

/** A chart to draw: which grammar, of which major version. */
export interface Chart {
  readonly grammar: "vega" | "vega-lite";
  readonly version: number;
  readonly spec: ChartSpec;
}

const schema = /vega\.github\.io\/schema\/(vega|vega-lite)\/v(\d+)/;

/**
 * Recognises a chart: an object whose `$schema` names Vega's or Vega-Lite's, or whose `toSpec()` or `toJSON()` gives such an
 * object (vega-lite-api). Its data may be given as tables (`data: { values: table }`): they become rows.
 */
export function chartOf(value: object): Chart | undefined {
  const spec = specOf(value);
  const [, grammar, version] = schema.exec(typeof spec?.["$schema"] === "string" ? spec["$schema"] : "") ?? [];
  if (spec === undefined || grammar === undefined) return undefined;
  const plain = toPlain(spec, new Set()) as ChartSpec;
  return { grammar: grammar as Chart["grammar"], version: Number(version), spec: plain };
}

function specOf(value: object): Record<string, unknown> | undefined {
  if ("$schema" in value) return value;
  for (const name of ["toSpec", "toJSON"] as const) {
    const method = methodOf(value, name);
    // Dates, buffers, URLs and tables have a `toJSON` too, of no interest and perhaps of great size.
    if (method === undefined || isBuiltIn(value)) continue;
    const spec = method();
    if (typeof spec === "object" && spec !== null && "$schema" in spec) return spec;
  }
  return undefined;
}

function isBuiltIn(value: object): boolean {
  return value instanceof Date || value instanceof URL || ArrayBuffer.isView(value) || tableOf(value) !== undefined;
}

/** What JSON keeps of a specification, tables as rows, whole big integers as numbers. */
function toPlain(value: unknown, above: Set<object>): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (above.has(value)) throw new TypeError("A chart's specification cannot contain itself");
  above.add(value);
  try {
    const table = tableOf(value);
    if (table !== undefined) return toPlain(tableRows(table), above);
    if (ArrayBuffer.isView(value) && "length" in value)
      return Array.from(value as Uint8Array, (item) => toPlain(item, above));
    if (Array.isArray(value)) return value.map((item: unknown) => toPlain(item, above) ?? null);
    const toJson = methodOf(value, "toJSON");
    if (toJson !== undefined) return toPlain(toJson(), above);
    const entries = Object.entries(value).map(([key, item]) => [key, toPlain(item, above)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  } finally {
    above.delete(value);
  }
}

/**
 * A chart in one line, for readers and programs that get no picture: its own `description`, or else what it draws:
 * `Chart "Overhead": bar; x benchmark, y seconds`.
 */
export function describeChart({ grammar, spec }: Chart): string {
  const { description } = spec;
  if (typeof description === "string" && description !== "") return `Chart: ${description}`;
  const title = titleText(spec["title"]);
  const marks = new Set<string>();
  const encodings = new Map<string, Set<string>>();
  collect(spec, marks, encodings);
  const channels = [...encodings].map(([channel, fields]) => `${channel} ${[...fields].join(" and ")}`);
  const name = grammar === "vega" ? "Vega chart" : "Chart";
  const parts = [[...marks].join(" and "), channels.join(", ")].filter((part) => part !== "");
  return `${name}${title === "" ? "" : ` "${title}"`}${parts.length === 0 ? "" : `: ${parts.join("; ")}`}`;
}

function titleText(title: unknown): string {
  const text = isRecord(title) ? title["text"] : title;
  return Array.isArray(text) ? text.join(" ") : typeof text === "string" ? text : "";
}

/** The marks and encoded fields of a view and of those inside it. */
function collect(view: Record<string, unknown>, marks: Set<string>, encodings: Map<string, Set<string>>): void {
  const { mark, encoding } = view;
  const type = isRecord(mark) ? mark["type"] : mark;
  if (typeof type === "string") marks.add(type);
  if (isRecord(encoding)) {
    for (const [channel, definition] of Object.entries(encoding)) {
      const text = isRecord(definition) ? fieldText(definition) : "";
      if (text !== "") encodings.set(channel, (encodings.get(channel) ?? new Set<string>()).add(text));
    }
  }
  for (const key of ["layer", "concat", "hconcat", "vconcat"]) {
    const views = view[key];
    if (Array.isArray(views)) for (const inner of views) if (isRecord(inner)) collect(inner, marks, encodings);
  }
  if (isRecord(view["spec"])) collect(view["spec"], marks, encodings);
  // Vega's own marks are a list.
  if (Array.isArray(view["marks"])) {
    for (const inner of view["marks"])
      if (isRecord(inner) && typeof inner["type"] === "string") marks.add(inner["type"]);
  }
}

function fieldText({ field, aggregate, title }: Record<string, unknown>): string {
  if (typeof title === "string" && title !== "") return title;
  const name = typeof field === "string" ? field : "";
  if (typeof aggregate !== "string") return name;
  return name === "" ? aggregate : `${aggregate} of ${name}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
