import { finite } from "../options.ts";
import { type Measure, measureScale } from "./axis.ts";
import { KIND } from "./theme.ts";

/** A line across the chart at one value, with its label. */
export interface Reference {
  readonly value: number;
  readonly label: string;
}

/** A dotted horizontal line at a value of y, labelled at its right end. */
export function referenceLayers(reference: Reference, y: Measure, zero = false): object[] {
  const at = { y: { datum: finite("reference.value", reference.value), ...measureScale(y, zero) } };
  const { color, dash } = KIND.reference;
  return [
    { mark: { type: "rule", color, strokeDash: dash, strokeWidth: 1.5 }, encoding: at },
    {
      mark: {
        ...{ type: "text", text: reference.label, align: "right", baseline: "bottom" },
        ...{ dx: -2, dy: -3, fontSize: 10.5, color: "#4D4D4D" },
      },
      encoding: { ...at, x: { value: "width" } },
    },
  ];
}
