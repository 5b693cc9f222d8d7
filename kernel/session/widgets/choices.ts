import { isDeepStrictEqual } from "node:util";
import { plainText } from "../display/render.ts";
import type { ChoiceOptions, Choices, ValueWidget } from "./api.ts";
import { checkNumber } from "./check.ts";
import { Control } from "./control.ts";
import { controlKind, type WidgetState } from "./model.ts";
import type { WidgetSpace } from "./space.ts";

type Rows = { readonly rows?: number };

/** Makes a widget to choose one value, of the given kind. */
export function choice<T>(
  space: WidgetSpace,
  name: "Dropdown" | "Select" | "RadioButtons" | "ToggleButtons",
  choices: Choices<T>,
  options: ChoiceOptions<T> & Rows = {},
): ValueWidget<T> {
  const { labels, values } = listed(choices);
  if (values.length === 0) throw new RangeError("options: expected one or more to choose from, got none");
  const write = (value: T): WidgetState => ({ index: place(values, labels, value) });
  const initial = "value" in options ? write(options.value) : { index: 0 };
  const state = { _options_labels: labels, ...rows(options), ...initial };
  const read = ({ index }: WidgetState): T => values[index as number] as T;
  return new Control(space, { name: name.toLowerCase(), kind: controlKind(name), state, read, write }, options);
}

/** Makes a list to choose several values from. */
export function multipleChoice<T>(
  space: WidgetSpace,
  choices: Choices<T>,
  options: ChoiceOptions<readonly T[]> & Rows = {},
): ValueWidget<readonly T[]> {
  const { labels, values } = listed(choices);
  const write = (chosen: readonly T[]): WidgetState => ({ index: chosen.map((value) => place(values, labels, value)) });
  const state = { _options_labels: labels, ...rows(options), ...write(options.value ?? []) };
  const read = ({ index }: WidgetState): readonly T[] => (index as number[]).map((each) => values[each] as T);
  return new Control(space, { name: "choices", kind: controlKind("SelectMultiple"), state, read, write }, options);
}

function listed<T>(choices: Choices<T>): { readonly labels: readonly string[]; readonly values: readonly T[] } {
  if (!Array.isArray(choices)) return { labels: Object.keys(choices), values: Object.values(choices) };
  const values = choices as readonly T[];
  return { labels: values.map((value) => (typeof value === "string" ? value : plainText(value))), values };
}

function place<T>(values: readonly T[], labels: readonly string[], value: T): number {
  const index = values.findIndex((each) => isDeepStrictEqual(each, value));
  if (index >= 0) return index;
  throw new RangeError(`value: expected one of ${labels.join(", ")}, got ${plainText(value)}`);
}

function rows({ rows }: Rows): WidgetState {
  return rows === undefined ? {} : { rows: checkNumber("rows", rows) };
}
