import { OptionError } from "../errors.ts";
import { onlyOptions, positive } from "../options.ts";

/** What an option of a chart is: a quantity of an axis, the same with its column, a column of names, or its own matter. */
type Part = "measure" | "measure column" | "category" | "other";

const FRAME = ["title", "subtitle", "description", "width", "height"];
const FIELDS: Readonly<
  Record<Exclude<Part, "other">, { readonly needs: readonly string[]; readonly may: readonly string[] }>
> = {
  measure: { needs: ["title", "unit"], may: ["domain", "log"] },
  "measure column": { needs: ["field", "title", "unit"], may: ["domain", "log"] },
  category: { needs: ["field", "title"], may: ["order"] },
};

/**
 * Checks a chart's options before anything is drawn: cells are not type-checked when they run, and a misspelt `title`
 * or an axis without its unit would be seen only in the picture. A name with `?` may be left out.
 */
export function checkChart(options: object, parts: Readonly<Record<string, Part>>): void {
  const names = Object.keys(parts).map((name) => name.replace("?", ""));
  const shown: unknown = options;
  if (typeof shown !== "object" || shown === null) {
    throw new OptionError("options", `an object with title, ${names.join(", ")}`, shown);
  }
  onlyOptions(options, [...FRAME, ...names]);
  const given = new Map<string, unknown>(Object.entries(options));
  text("title", given.get("title"));
  for (const side of ["width", "height"]) if (given.get(side) !== undefined) positive(side, given.get(side));
  for (const [name, part] of Object.entries(parts)) {
    if (part === "other") continue;
    const option = name.replace("?", "");
    const value = given.get(option);
    if (value === undefined && option !== name) continue;
    const { needs, may } = FIELDS[part];
    if (typeof value !== "object" || value === null) {
      throw new OptionError(option, `an object with ${needs.join(", ")}`, value);
    }
    onlyOptions(value, [...needs, ...may], option);
    const fields = new Map<string, unknown>(Object.entries(value));
    for (const need of needs) text(`${option}.${need}`, fields.get(need), need === "unit");
    if (fields.get("domain") !== undefined) range(`${option}.domain`, fields.get("domain"), fields.get("log") === true);
    const order = fields.get("order");
    if (order !== undefined && !Array.isArray(order))
      throw new OptionError(`${option}.order`, "a list of names", order);
  }
}

function text(option: string, value: unknown, empty = false): void {
  if (typeof value === "string" && (empty || value !== "")) return;
  throw new OptionError(option, empty ? "a text (empty for a pure number)" : "a text", value);
}

function range(option: string, value: unknown, log: boolean): void {
  const [low, high, ...more] = Array.isArray(value) ? (value as unknown[]) : [];
  const isEnd = (end: unknown): boolean => typeof end === "number" && Number.isFinite(end) && (!log || end > 0);
  if (isEnd(low) && isEnd(high) && low !== high && more.length === 0) return;
  throw new OptionError(option, `two numbers that differ${log ? ", above 0 on a logarithmic axis" : ""}`, value);
}
