import { types } from "node:util";
import { list, oneLine } from "./one-line.ts";
import { indexedSpan, iterated, nothing, type Child, type Shape, type Span } from "./span.ts";
import { tableShape } from "./table-shape.ts";
import { typeName } from "./type-name.ts";

/** Objects with more properties are counted, not written out. */
const writtenProperties = 40;

/**
 * Looks at a value without running code of its own: getters and proxies are left alone (but for what tables are known by). Costs
 * nothing that grows with the elements of an array or a table; linear in an object's own properties.
 */
export function shapeOf(value: unknown): Shape {
  const type = typeName(value);
  if ((typeof value !== "object" && typeof value !== "function") || value === null || types.isProxy(value))
    return { type, text: oneLine(value), named: nothing, indexed: nothing };
  const table = typeof value === "object" ? tableShape(value) : undefined;
  if (table !== undefined) return table;
  const indexed = elements(value);
  const names = propertyNames(value);
  const named = namedSpan(value, names);
  if (names.length > writtenProperties) return { type, text: `${type} (${names.length} properties)`, named, indexed };
  const text = oneLine(value);
  return { type, text: ArrayBuffer.isView(value) ? `${type}(${indexed.size}) ${list(indexed)}` : text, named, indexed };
}

/** Of an array with more elements no other properties are looked for: they stand among the elements. */
const longestSearch = 1000;

/** The own names of an object that are no elements. */
function propertyNames(value: object): (string | symbol)[] {
  if (Array.isArray(value) || types.isTypedArray(value) || value instanceof String) {
    const length = types.isTypedArray(value) ? typedLength(value) : value.length;
    const own = length > longestSearch ? [] : Reflect.ownKeys(value);
    return own.filter((name) => typeof name === "symbol" || !/^(?:\d+|length)$/.test(name));
  }
  const own = Reflect.ownKeys(value);
  return typeof value === "function"
    ? own.filter((name) => Object.getOwnPropertyDescriptor(value, name)?.enumerable)
    : own;
}

function namedSpan(value: object, names: readonly (string | symbol)[]): Span {
  const more = sizes(value);
  return {
    size: more.length + names.length,
    slice: (start, end) => [
      ...more.slice(start, end),
      ...names
        .slice(Math.max(0, start - more.length), Math.max(0, end - more.length))
        .map((name) => property(value, name)),
    ],
  };
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** A getter of JavaScript itself, called on a value whose class may have another one of that name. */
function builtIn(prototype: object, name: string, value: object): unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get?.call(value);
}

function typedLength(value: object): number {
  return builtIn(typedArray, "length", value) as number;
}

function sizeOf(value: Map<unknown, unknown> | Set<unknown>): number {
  return builtIn(types.isMap(value) ? Map.prototype : Set.prototype, "size", value) as number;
}

/** What says how large a value is, where that is no property of its own. */
function sizes(value: object): Child[] {
  const named = (prototype: object, ...names: string[]): Child[] =>
    names.map((name) => ({ name, value: builtIn(prototype, name, value) }));
  if (Array.isArray(value)) return [{ name: "length", value: value.length }];
  if (types.isTypedArray(value)) return named(typedArray, "length", "byteLength", "byteOffset", "buffer");
  if (types.isDataView(value)) return named(DataView.prototype, "byteLength", "byteOffset", "buffer");
  if (types.isSharedArrayBuffer(value)) return named(SharedArrayBuffer.prototype, "byteLength");
  if (types.isArrayBuffer(value)) return named(ArrayBuffer.prototype, "byteLength");
  if (types.isMap(value) || types.isSet(value)) return [{ name: "size", value: sizeOf(value) }];
  return [];
}

function property(value: object, key: string | symbol): Child {
  const name = typeof key === "symbol" ? `[${key.toString()}]` : key;
  const found = Object.getOwnPropertyDescriptor(value, key);
  if (found?.get === undefined && found?.set === undefined) return { name, value: found?.value as unknown };
  const text = found.get === undefined ? "[Setter]" : found.set === undefined ? "[Getter]" : "[Getter/Setter]";
  return { name, value: undefined, text };
}

function elements(value: object): Span {
  if (Array.isArray(value)) return arraySpan(value);
  if (types.isTypedArray(value)) return indexedSpan(typedLength(value), (index) => value[index]);
  if (types.isAnyArrayBuffer(value)) return elements(new Uint8Array(value));
  if (types.isMap(value))
    return iterated(
      sizeOf(value),
      () => Map.prototype.entries.call(value),
      ([key, held], index) => ({ name: entryName(key, index), value: held as unknown }),
    );
  if (types.isSet(value))
    return iterated(
      sizeOf(value),
      () => Set.prototype.values.call(value),
      (held, index) => ({ name: String(index), value: held as unknown }),
    );
  return nothing;
}

/** The elements of an array, any of which may be a getter. */
function arraySpan(array: readonly unknown[]): Span {
  return {
    size: array.length,
    slice(start, end) {
      const children: Child[] = [];
      for (let index = start; index < Math.min(end, array.length); index += 1)
        children.push(property(array, String(index)));
      return children;
    },
  };
}

/** The key of a Map's entry. */
function entryName(key: unknown, index: number): string {
  return typeof key === "string"
    ? key
    : typeof key === "object" && key !== null
      ? `${index}: ${oneLine(key)}`
      : oneLine(key);
}
