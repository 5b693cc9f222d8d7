import { plainText } from "../display/render.ts";
import type { Input, ValueWidget, WidgetsApi } from "./api.ts";
import { Control } from "./control.ts";

/** What `interact` takes its values from. */
export interface InputWidgets {
  readonly inputs: Readonly<Record<string, ValueWidget<unknown>>>;
  /** Those that were made of values, and not given. */
  readonly made: readonly ValueWidget<unknown>[];
}

/** The widgets of `interact`'s inputs; those that have no label get their name. */
export function inputWidgets(api: WidgetsApi, inputs: Readonly<Record<string, Input>>): InputWidgets {
  const widgets = Object.entries(inputs).map(([name, input]) => {
    const widget = inputWidget(api, name, input);
    if (widget.label === "") widget.label = name;
    return [name, widget] as const;
  });
  const longest = Math.max(...widgets.map(([, { label }]) => label.length));
  // Below each other, with what stands behind the labels in one line.
  if (widgets.length > 1) for (const [, widget] of widgets) if (widget instanceof Control) widget.align(`${longest}ch`);
  const made = widgets.filter(([name, widget]) => widget !== inputs[name]).map(([, widget]) => widget);
  return { inputs: Object.fromEntries(widgets), made };
}

function inputWidget(api: WidgetsApi, name: string, input: unknown): ValueWidget<unknown> {
  if (typeof input === "boolean") return api.checkbox({ value: input, label: name });
  if (typeof input === "number") return api.number({ value: input });
  if (typeof input === "string") return api.text({ value: input });
  if (Array.isArray(input)) return api.dropdown<unknown>(input);
  if (isWidget(input)) return input;
  throw new TypeError(
    `${name}: expected a widget with a value, a boolean, a number, a text or an array to choose from, got ${plainText(input)}`,
  );
}

function isWidget(input: unknown): input is ValueWidget<unknown> {
  return typeof input === "object" && input !== null && "onChange" in input && "value" in input;
}
