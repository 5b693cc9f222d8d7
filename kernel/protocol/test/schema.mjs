// What the schemas of messages are written with.

export const text = { type: "string" };
export const flag = { type: "boolean" };
export const count = { type: "integer", minimum: 0 };
export const number = { type: "number" };
export const texts = { type: "array", items: text };
export const anything = { type: "object" };
export const listOf = (items) => ({ type: "array", items });
export const mapOf = (additionalProperties) => ({ type: "object", additionalProperties });

/** An object with these fields and no others; a name that ends in `?` may be absent. */
export const object = (fields) => {
  const entries = Object.entries(fields).map(([name, schema]) => [name.replace(/\?$/, ""), schema]);
  return {
    type: "object",
    properties: Object.fromEntries(entries),
    required: Object.keys(fields).filter((name) => !name.endsWith("?")),
    additionalProperties: false,
  };
};

/** JSON types hold any value, all others a text. */
export const mimeBundle = {
  type: "object",
  propertyNames: { pattern: "^[^/\\s]+/[^/\\s]+$" },
  patternProperties: { "^[^/]+/([^/;]+\\+)?json(;|$)": {}, "^(?![^/]+/([^/;]+\\+)?json(;|$))": text },
};
export const rendering = { data: mimeBundle, metadata: anything };
