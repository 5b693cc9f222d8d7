import { plainText } from "../display/render.ts";
import type { Input, ValueWidget, WidgetsApi } from "./api.ts";

/** The widgets of `interact`'s inputs; those that have no label get their name. */
export function inputWidgets(
  _api: WidgetsApi,
  inputs: Readonly<Record<string, Input>>,
): Readonly<Record<string, ValueWidget<unknown>>> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => {
      if (!isWidget(input)) throw new TypeError(`${name}: expected a widget, got ${plainText(input)}`);
      if (input.label === "") input.label = name;
      return [name, input];
    }),
  );
}

function isWidget(input: unknown): input is ValueWidget<unknown> {
  return typeof input === "object" && input !== null && "onChange" in input && "value" in input;
}
