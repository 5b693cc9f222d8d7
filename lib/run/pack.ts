import { types } from "node:util";
import { OptionError } from "../core/errors.ts";
import { type ArrowKind, fromIpc, toIpc } from "./arrow-forms.ts";

const MARK = "\u0000veelab.packed";

/** What stands for a value that a structured clone would lose or copy. */
interface Mark {
  readonly [MARK]: "function" | ArrowKind | "buffer" | "sharedBuffer";
  readonly value: unknown;
}

const mark = (kind: Mark[typeof MARK], value: unknown): Mark => ({ [MARK]: kind, value });

/** Gives the number of a function that is met, by which {@link unpack} asks for it. */
export type NumberOf = (place: string, met: (...inputs: never[]) => unknown) => number;

/**
 * A value in a form that a structured clone (or `v8.serialize`) takes as it is: functions by a number, Arrow tables,
 * batches and columns as IPC, typed arrays over shared memory, so that threads need no copy of them. What is over shared memory
 * already is not copied here either. Arrow must be loaded (`loadArrow`) for its tables to be known. Cycles and identity are kept. Linear in the bytes.
 *
 * @param place - what an error calls the value: `share.trace`
 * @throws OptionError naming the place inside the value that cannot be sent
 */
export function pack(place: string, value: unknown, numberOf: NumberOf = refuseFunction): unknown {
  return new Packer(numberOf).pack(place, value);
}

class Packer {
  readonly #numberOf: NumberOf;
  readonly #seen = new Map<object, unknown>();
  readonly #memory = new Map<ArrayBuffer, SharedArrayBuffer>();

  constructor(numberOf: NumberOf) {
    this.#numberOf = numberOf;
  }

  pack(place: string, value: unknown): unknown {
    if (typeof value === "symbol") throw unsendable(place, value);
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
    const seen = this.#seen.get(value);
    if (seen !== undefined) return seen;
    const packed =
      typeof value === "function"
        ? mark("function", this.#numberOf(place, value as () => unknown))
        : this.#object(place, value);
    this.#seen.set(value, packed);
    return packed;
  }

  #object(place: string, value: object): unknown {
    if (ArrayBuffer.isView(value)) return this.#view(value);
    if (types.isArrayBuffer(value)) return mark("buffer", this.#view(new Uint8Array(value)));
    if (types.isSharedArrayBuffer(value)) return mark("sharedBuffer", new Uint8Array(value));
    if (types.isDate(value) || types.isRegExp(value)) return value;
    const arrow = toIpc(value);
    if (arrow !== undefined) return mark(arrow.kind, this.#view(arrow.bytes));
    if (Array.isArray(value)) {
      const packed: unknown[] = [];
      this.#seen.set(value, packed);
      value.forEach((item, index) => (packed[index] = this.pack(`${place}[${index}]`, item)));
      packed.length = value.length;
      return packed;
    }
    if (types.isMap(value)) {
      const packed = new Map<unknown, unknown>();
      this.#seen.set(value, packed);
      for (const [key, item] of value) {
        // An object need not have a text.
        const name = Object(key) === key ? "…" : String(key);
        packed.set(this.pack(`${place}'s key`, key), this.pack(`${place}.get(${name})`, item));
      }
      return packed;
    }
    if (types.isSet(value)) {
      const packed = new Set<unknown>();
      this.#seen.set(value, packed);
      for (const item of value) packed.add(this.pack(`an item of ${place}`, item));
      return packed;
    }
    if (!isPlain(value)) throw unsendable(place, value);
    const packed: Record<string, unknown> = {};
    this.#seen.set(value, packed);
    for (const [name, item] of Object.entries(value)) define(packed, name, this.pack(`${place}.${name}`, item));
    return packed;
  }

  #view(view: ArrayBufferView): ArrayBufferView {
    const { buffer } = view;
    if (types.isSharedArrayBuffer(buffer)) return view;
    let shared = this.#memory.get(buffer);
    if (shared === undefined) {
      shared = new SharedArrayBuffer(buffer.byteLength);
      new Uint8Array(shared).set(new Uint8Array(buffer));
      this.#memory.set(buffer, shared);
    }
    const length = "length" in view ? (view.length as number) : view.byteLength;
    const Type = Reflect.get(globalThis, Object.prototype.toString.call(view).slice(8, -1)) as ViewConstructor;
    return new Type(shared, view.byteOffset, length);
  }
}

type ViewConstructor = new (buffer: SharedArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

/**
 * What {@link pack} made a form of. Linear in the number of objects; bytes are not copied, but for those of buffers that were not shared.
 *
 * @param make - makes the function of this number
 */
export function unpack(packed: unknown, make: (functionNumber: number) => unknown): unknown {
  return new Unpacker(make).unpack(packed);
}

class Unpacker {
  readonly #make: (functionNumber: number) => unknown;
  readonly #seen = new Map<object, unknown>();

  constructor(make: (functionNumber: number) => unknown) {
    this.#make = make;
  }

  unpack(packed: unknown): unknown {
    if (typeof packed !== "object" || packed === null) return packed;
    if (this.#seen.has(packed)) return this.#seen.get(packed);
    if (MARK in packed) {
      const value = this.#marked(packed as Mark);
      this.#seen.set(packed, value);
      return value;
    }
    if (Array.isArray(packed)) {
      const items: unknown[] = new Array<unknown>(packed.length);
      this.#seen.set(packed, items);
      packed.forEach((item, index) => (items[index] = this.unpack(item)));
      return items;
    }
    if (types.isMap(packed)) {
      const map = new Map<unknown, unknown>();
      this.#seen.set(packed, map);
      for (const [key, item] of packed) map.set(this.unpack(key), this.unpack(item));
      return map;
    }
    if (types.isSet(packed)) {
      const set = new Set<unknown>();
      this.#seen.set(packed, set);
      for (const item of packed) set.add(this.unpack(item));
      return set;
    }
    if (!isPlain(packed)) return packed;
    const object: Record<string, unknown> = {};
    this.#seen.set(packed, object);
    for (const [name, item] of Object.entries(packed)) define(object, name, this.unpack(item));
    return object;
  }

  #marked({ [MARK]: kind, value }: Mark): unknown {
    switch (kind) {
      case "function":
        return this.#make(value as number);
      case "table":
      case "batch":
      case "vector":
        return fromIpc(kind, value as Uint8Array);
      case "buffer":
        return Uint8Array.from(value as Uint8Array).buffer;
      case "sharedBuffer": {
        const { buffer, byteLength } = value as Uint8Array;
        if (types.isSharedArrayBuffer(buffer)) return buffer;
        const shared = new SharedArrayBuffer(byteLength);
        new Uint8Array(shared).set(value as Uint8Array);
        return shared;
      }
    }
  }
}

/** Whether a packed value has Arrow's tables in it. Linear. */
export function hasArrow(packed: unknown, seen: Set<object> = new Set<object>()): boolean {
  if (typeof packed !== "object" || packed === null || ArrayBuffer.isView(packed) || seen.has(packed)) return false;
  seen.add(packed);
  if (MARK in packed && ["table", "batch", "vector"].includes((packed as Mark)[MARK])) return true;
  const inside = types.isMap(packed) ? [...packed].flat() : types.isSet(packed) ? [...packed] : Object.values(packed);
  return inside.some((value) => hasArrow(value, seen));
}

/** As an assignment, but for `__proto__`, which then is a name like others. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Objects of another context have a prototype of their own, which has none.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf"));
}

function unsendable(place: string, value: unknown): OptionError {
  const isInstance = typeof value === "object" && value !== null;
  const what = isInstance ? new Error(`an instance of ${value.constructor.name}, whose methods would be lost`) : value;
  const sendable = "numbers, texts, arrays, typed arrays, plain objects, Maps, Sets, Dates, Arrow tables, functions";
  return new OptionError(place, `what can be sent to a worker (${sendable})`, what);
}

function refuseFunction(place: string, met: unknown): never {
  throw unsendable(place, met);
}
