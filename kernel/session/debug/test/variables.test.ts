import { tableFromArrays } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { Variables, type Variable } from "../variables.ts";

const of = (value: unknown): Variable => new Variables().show({ name: "it", value });
const children = (value: unknown, page = {}): Variable[] => {
  const variables = new Variables();
  return variables.list(variables.show({ name: "it", value }).variablesReference, page);
};
const shown = (variables: readonly Variable[]): Record<string, string> =>
  Object.fromEntries(variables.map(({ name, value }) => [name, value]));

describe("a variable", () => {
  it.each([
    [1, "number", "1"],
    [-0, "number", "-0"],
    [12n, "bigint", "12n"],
    ["it's", "string", `"it's"`],
    [undefined, "undefined", "undefined"],
    [null, "null", "null"],
    [Symbol("s"), "symbol", "Symbol(s)"],
    [{}, "Object", "{}"],
    [{ a: 1, b: { c: 2 } }, "Object", "{ a: 1, b: [Object] }"],
    [[1, 2], "Array", "[ 1, 2 ]"],
    [
      new (class Point {
        x = 1;
      })(),
      "Point",
      "Point { x: 1 }",
    ],
    [class Point extends Map {}, "class", "[class Point extends Map]"],
    [Object.create(null), "Object", "[Object: null prototype] {}"],
    [new Map([["a", 1]]), "Map", "Map(1) { 'a' => 1 }"],
    [new Float64Array([1, 2.5]), "Float64Array", "Float64Array(2) [ 1, 2.5 ]"],
    [new Float64Array(20), "Float64Array", "Float64Array(20) [ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, … 10 more ]"],
    [new Date(0), "Date", "1970-01-01T00:00:00.000Z"],
  ])("shows %o as %s %s", (value: unknown, type, text) => {
    expect(of(value)).toMatchObject({ name: "it", type, value: text });
  });

  it("is opened only where there is something inside", () => {
    expect([1, "", null, {}, [], () => 1].map((value) => of(value).variablesReference > 0)).toEqual([
      ...[false, false, false, false],
      ...[true, false], // an array has its length
    ]);
  });

  it("is cut to one line of bounded length", () => {
    const { value } = of({ text: "line\n".repeat(1000), more: "x".repeat(1000) });
    expect(value).toHaveLength(200);
    expect(value).not.toContain("\n");
    expect(of(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`p${index}`, index]))).value).toBe(
      "Object (100 properties)",
    );
  });

  it("runs no code of the value: no getter, no proxy, no method of its own", () => {
    const fail = (): never => {
      throw new Error("was called");
    };
    const value = {
      get computed() {
        return fail();
      },
      set only(_: unknown) {
        fail();
      },
      toString: fail,
    };
    class Own extends Map<string, number> {
      override get size(): number {
        return fail();
      }
      override [Symbol.iterator](): MapIterator<[string, number]> {
        return fail();
      }
    }
    expect(shown(children(Map.prototype.set.call(new Own(), "a", 1)))).toEqual({ size: "1", a: "1" });
    expect(shown(children(Object.defineProperty(new Uint8Array(1), "length", { get: fail })))).toMatchObject({
      0: "0",
    });
    expect(shown(children(Object.defineProperty([1, 2], 1, { get: fail })))).toMatchObject({ 0: "1", 1: "[Getter]" });
    expect(shown(children(value))).toMatchObject({ computed: "[Getter]", only: "[Setter]" });
    const traps = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((trap) => [trap, fail]));
    expect(of(new Proxy({ a: 1 }, traps))).toMatchObject({ type: "Proxy", variablesReference: 0 });
  });

  it("has the same reference while it is held, and none after", () => {
    const variables = new Variables();
    const object = { a: { b: 1 } };
    const { variablesReference: reference } = variables.show({ name: "x", value: object });
    expect(variables.show({ name: "y", value: object }).variablesReference).toBe(reference);
    variables.clear();
    expect(() => variables.list(reference)).toThrow(
      `variablesReference: expected one of this stop of the program, got ${reference}`,
    );
    expect(variables.show({ name: "x", value: object }).variablesReference).not.toBe(reference);
  });
});

describe("the children of a variable", () => {
  it("are properties, elements, entries", () => {
    expect(shown(children({ a: 1, [Symbol("s")]: 2 }))).toEqual({ a: "1", "[Symbol(s)]": "2" });
    expect(shown(children(["x"]))).toEqual({ length: "1", 0: "'x'" });
    expect(
      shown(
        children(
          new Map<unknown, unknown>([
            ["a", 1],
            [2, "b"],
          ]),
        ),
      ),
    ).toEqual({ size: "2", a: "1", 2: "'b'" });
    expect(shown(children(new Set(["x", "y"])))).toEqual({ size: "2", 0: "'x'", 1: "'y'" });
    expect(shown(children(new Uint8Array([7, 8])))).toMatchObject({
      length: "2",
      byteLength: "2",
      byteOffset: "0",
      0: "7",
      1: "8",
    });
    expect(shown(children(new Uint16Array([1]).buffer))).toEqual({ byteLength: "2", 0: "1", 1: "0" });
  });

  it("come by pages", () => {
    expect(children(Array.from({ length: 3000 }), { filter: "indexed", start: 1, count: 2500 })).toHaveLength(2500);
    const value = Float64Array.from({ length: 1_000_000 }, (_, index) => index);
    expect(of(value)).toMatchObject({ indexedVariables: 1_000_000, namedVariables: 4 });
    expect(shown(children(value, { filter: "indexed", start: 999_998, count: 5 }))).toEqual({
      999998: "999998",
      999999: "999999",
    });
    expect(children(value, { filter: "named" }).map(({ name }) => name)).toEqual([
      "length",
      "byteLength",
      "byteOffset",
      "buffer",
    ]);
    expect(children([1, 2, 3], { start: 0, count: 2 }).map(({ name }) => name)).toEqual(["length", "0"]);
  });

  it("stand in ranges where there are many, and in ranges of ranges where there are very many", () => {
    const variables = new Variables();
    const array = Uint8Array.from({ length: 2_500_000 }, (_, index) => index % 251);
    const open = ({ variablesReference }: Variable): Variable[] => variables.list(variablesReference);
    const top = open(variables.show({ name: "it", value: array })).slice(4);
    expect(top.map(({ name }) => name)).toEqual(["[0 … 999999]", "[1000000 … 1999999]", "[2000000 … 2499999]"]);
    const middle = open(top[2]!);
    expect(middle).toHaveLength(500);
    expect(middle[499]!.name).toBe("[2499000 … 2499999]");
    expect(open(middle[499]!).at(-1)).toMatchObject({ name: "2499999", value: String(2499999 % 251) });
  });

  it("of a table are its columns and rows", () => {
    const table = tableFromArrays({ page: Int32Array.from([1, 2, 3]), host: ["a", "b", "c"] });
    expect(of(table)).toMatchObject({
      type: "Arrow table",
      value: "Arrow table 3 × 2 (page: Int32, host: Dictionary<Int32, Utf8>)",
      indexedVariables: 3,
    });
    expect(shown(children(table))).toEqual({
      page: "Int32(3) [ 1, 2, 3 ]",
      host: "Dictionary<Int32, Utf8>(3) [ 'a', 'b', 'c' ]",
      0: "{ page: 1, host: 'a' }",
      1: "{ page: 2, host: 'b' }",
      2: "{ page: 3, host: 'c' }",
    });
    expect(of(table.getChild("page"))).toMatchObject({
      type: "Vector<Int32>",
      value: "Vector<Int32>(3) [ 1, 2, 3 ]",
      indexedVariables: 3,
    });
  });

  it("can be set where the language allows it", () => {
    const variables = new Variables();
    const object = { a: 1, frozen: Object.freeze({ b: 1 }), list: [1, 2] };
    const { variablesReference: reference } = variables.show({ name: "it", value: object });
    expect(variables.set(reference, "a", { c: 3 })).toMatchObject({ name: "a", value: "{ c: 3 }" });
    expect(object.a).toEqual({ c: 3 });
    const inside = variables.list(reference);
    variables.set(inside[2]!.variablesReference, "1", 5);
    expect(object.list).toEqual([1, 5]);
    expect(() => variables.set(inside[1]!.variablesReference, "b", 2)).toThrow("b: this cannot be set");
    expect(() => variables.set(reference, "absent", 2)).toThrow("absent: this cannot be set");
  });
});
