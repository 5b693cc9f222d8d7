import { finite } from "../options.ts";
import { KIND } from "./theme.ts";

/** A line across the chart at one value, with its label. */
export interface Reference {
  /** In the unit of y. */
  readonly value: number;
  /** Written beside the line. */
  readonly label: string;
}

/** A dotted horizontal line at a value of y, labelled beyond its right end. */
export function referenceLayers(reference: Reference, scale: object): object[] {
  const at = { y: { field: "reference", ...scale } };
  // Its own data: drawn once, not once for each row of the chart.
  const data = { values: [{ reference: finite("reference.value", reference.value) }] };
  const { color, dash } = KIND.reference;
  return [
    { data, mark: { type: "rule", color, strokeDash: dash, strokeWidth: 1.5 }, encoding: at },
    {
      data,
      mark: {
        ...{ type: "text", text: reference.label, align: "left", baseline: "middle" },
        ...{ dx: 5, fontSize: 10.5, color: "#4D4D4D" },
      },
      encoding: { ...at, x: { value: "width" } },
    },
  ];
}
