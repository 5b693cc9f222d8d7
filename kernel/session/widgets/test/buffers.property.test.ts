import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinBuffers, splitBuffers } from "../buffers.ts";

const bytes = fc.uint8Array({ maxLength: 5 });
const key = fc.string({ maxLength: 3 }).filter((name) => name !== "__proto__");
const { state } = fc.letrec<{ value: unknown; state: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    bytes,
    fc.integer(),
    fc.string(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("state"),
  ),
  state: fc.dictionary(key, tie("value"), { maxKeys: 3 }),
}));

describe("the binary values of a state", () => {
  it("come back at their places from what JSON and buffers carry", () => {
    fc.assert(
      fc.property(state, (whole) => {
        const { state: text, paths, buffers } = splitBuffers(whole);
        const carried = JSON.parse(JSON.stringify({ text, paths })) as { text: object; paths: never[] };
        expect(joinBuffers(carried.text as Record<string, unknown>, carried.paths, buffers)).toEqual(normal(whole));
      }),
    );
  });

  it("are left out of objects and null in arrays, as the widget protocol says", () => {
    const view = new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2);
    expect(splitBuffers({ a: [0, view], b: { c: new ArrayBuffer(1) }, d: new Float64Array([1]) })).toEqual({
      state: { a: [0, null], b: {} },
      paths: [["a", 1], ["b", "c"], ["d"]],
      buffers: [new Uint8Array([2, 3]), new Uint8Array(1), new Uint8Array(new Float64Array([1]).buffer)],
    });
  });

  it("of a place that the state does not have, or of a prototype, change nothing", () => {
    const paths = [["a", "b", "c"], [], ["constructor", "x"], ["__proto__", "polluted"]];
    const buffers = paths.map(() => new Uint8Array(1));
    expect(joinBuffers({ a: 1 }, paths, buffers)).toEqual({ a: 1 });
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});

/** Without prototypes of its own. */
function normal(value: unknown): unknown {
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normal(item)]));
}
