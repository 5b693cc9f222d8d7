import { OptionError } from "../errors.ts";
import { formatSignificant } from "../format.ts";
import { finite } from "../options.ts";
import { publishedPoint } from "./kinds.ts";
import { KIND } from "./theme.ts";

/** A line across the chart at one value, with its label. */
export interface Reference {
  /** In the unit of y. */
  readonly value: number;
  /** Written beside the line. */
  readonly label: string;
  /** Whether a paper printed the value: then it is drawn in ink and ends in a hollow point, as published values are. */
  readonly published?: boolean;
}

/** A dotted horizontal line at a value of y, labelled beyond its right end. */
export function referenceLayers(reference: Reference, scale: object): object[] {
  if (typeof reference.label !== "string") throw new OptionError("reference.label", "a text", reference.label);
  const at = { y: { field: "reference", ...scale } };
  // Its own data: drawn once, not once for each row of the chart.
  const data = { values: [{ reference: finite("reference.value", reference.value) }] };
  const isPublished = reference.published === true;
  const color = isPublished ? KIND.published.color : KIND.reference.color;
  const atEnd = { ...at, x: { value: "width" } };
  return [
    { data, mark: { type: "rule", color, strokeDash: KIND.reference.dash, strokeWidth: 1.5 }, encoding: at },
    ...(isPublished ? [{ data, mark: publishedPoint(45, 1.3), encoding: atEnd }] : []),
    {
      data,
      mark: {
        ...{ type: "text", text: reference.label, align: "left", baseline: "middle" },
        ...{ dx: isPublished ? 9 : 5, fontSize: 10.5, color: "#4D4D4D" },
      },
      encoding: atEnd,
    },
  ];
}

/** The line in a chart's text. */
export function referenceText(reference: Reference | undefined): string[] {
  return reference === undefined ? [] : [`a line at ${formatSignificant(reference.value)}, ${reference.label}`];
}
