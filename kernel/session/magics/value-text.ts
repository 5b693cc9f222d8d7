import { plainText } from "../display/render.ts";

/**
 * A value as it stands in a command: a text is itself, the elements of an array stand beside each other with a space between them, and what is
 * neither is written as a notebook shows it.
 */
export function valueText(value: unknown): string {
  return Array.isArray(value) ? value.map(elementText).join(" ") : elementText(value);
}

function elementText(value: unknown): string {
  return typeof value === "string" ? value : plainText(value);
}
