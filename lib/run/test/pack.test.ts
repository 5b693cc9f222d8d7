import { tableFromArrays, type Table, type Vector } from "apache-arrow";
import fc from "fast-check";
import { deserialize, serialize } from "node:v8";
import { beforeAll, describe, expect, it } from "vitest";
import { loadArrow } from "../arrow-forms.ts";
import { pack, unpack } from "../pack.ts";

const noFunction = (): never => {
  throw new Error("no function was packed");
};
const ways: readonly [string, (packed: unknown) => unknown][] = [
  ["a structured clone", (packed) => structuredClone(packed)],
  ["bytes", (packed) => deserialize(serialize(packed)) as unknown],
];

beforeAll(loadArrow);

describe.each(ways)("packed values through %s", (_, send) => {
  const sent = (value: unknown): unknown => unpack(send(pack("value", value)), noFunction);

  it("are the same", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(sent(value)).toEqual(value);
      }),
    );
  });

  it.each([[Object.create(null)], [{ toString: 1 }], [[Object.create(null)]]])(
    "keep a map's key without a text: %#",
    (key) => {
      expect(sent(new Map([[key, { n: 1 }]]))).toEqual(new Map([[key, { n: 1 }]]));
    },
  );

  it("keep a property that is called __proto__", () => {
    expect(Object.entries(sent(JSON.parse('{ "__proto__": { "n": 1 } }')) as object)).toEqual([
      ["__proto__", { n: 1 }],
    ]);
  });

  it("keep cycles and identity", () => {
    const shared = { n: 1 };
    const list: unknown[] = [shared, new Map([["again", shared]])];
    list.push(list);
    const [first, map, self] = sent(list) as [object, Map<string, object>, object];
    expect(map.get("again")).toBe(first);
    expect((self as unknown[])[0]).toBe(first);
  });

  it("keep Arrow tables, batches and columns", () => {
    const table = tableFromArrays({ page: BigInt64Array.of(1n, 2n), name: ["é", "b"] });
    const back = sent([table, table.batches[0], table.getChild("name")]) as [Table, Table, Vector];
    expect(back.map(String)).toEqual([table, table.batches[0], table.getChild("name")].map(String));
    expect(back[0].schema.fields.map(String)).toEqual(table.schema.fields.map(String));
  });

  it("keep buffers, and typed arrays that are a part of theirs", () => {
    const all = Uint16Array.of(1, 2, 3, 4);
    const [part, buffer, view] = sent([all.subarray(1, 3), all.buffer, new DataView(all.buffer, 2, 4)]) as [
      Uint16Array,
      ArrayBuffer,
      DataView,
    ];
    expect([...part]).toEqual([2, 3]);
    expect([...new Uint16Array(buffer)]).toEqual([1, 2, 3, 4]);
    expect([view.byteLength, view.getUint16(0, true)]).toEqual([4, 2]);
  });
});

describe("packing", () => {
  it("copies what is not over shared memory once, and never what is", () => {
    const shared = new Float64Array(new SharedArrayBuffer(16));
    const own = Float64Array.of(1, 2);
    const [a, b, c] = pack("value", [shared, own, own.subarray(1)]) as Float64Array[];
    expect(a).toBe(shared);
    expect(b?.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(c?.buffer).toBe(b?.buffer);
    const table = tableFromArrays({ x: own });
    const [once] = structuredClone(pack("value", [table])) as unknown[];
    const column = (unpack(once, noFunction) as Table).getChild("x")!.data[0]!.values as Float64Array;
    expect(column.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it.each<[string, unknown, string]>([
    [
      "an instance",
      {
        model: new (class Model {
          readonly n = 1;
        })(),
      },
      "share.model: expected what can be sent to a worker",
    ],
    ["a promise in a list", [Promise.resolve()], "share[0]: expected what can be sent"],
    [
      "a symbol in a map whose key is an object",
      new Map([[{}, Symbol("s")]]),
      "share.get(…): expected what can be sent",
    ],
    ["a symbol in a map", new Map([["a", Symbol("s")]]), "share.get(a): expected what can be sent"],
    ["a weak map", { cache: new WeakMap() }, "got an instance of WeakMap, whose methods would be lost"],
  ])("refuses %s, naming the place", (_, value, sentence) => {
    expect(() => pack("share", value)).toThrow(sentence);
  });
});
