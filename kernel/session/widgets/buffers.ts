/** Where a binary value lies in a widget's state. */
export type BufferPath = readonly (string | number)[];

/** A state whose binary values travel beside it. */
export interface SplitState {
  readonly state: Record<string, unknown>;
  readonly paths: readonly BufferPath[];
  readonly buffers: readonly Uint8Array[];
}

/**
 * Takes the binary values out of a state, as the widget protocol wants: left out of objects, null in arrays, their places told by paths.
 */
export function splitBuffers(state: Readonly<Record<string, unknown>>): SplitState {
  const paths: BufferPath[] = [];
  const buffers: Uint8Array[] = [];
  const strip = (value: unknown, path: BufferPath): unknown => {
    const bytes = bytesOf(value);
    if (bytes !== undefined) {
      paths.push(path);
      buffers.push(bytes);
      return undefined;
    }
    if (Array.isArray(value)) return value.map((item: unknown, index) => strip(item, [...path, index]) ?? null);
    if (!isPlainObject(value)) return value;
    return stripObject(value, path);
  };
  const stripObject = (value: Readonly<Record<string, unknown>>, path: BufferPath): Record<string, unknown> => {
    const entries = Object.entries(value).map(([key, item]) => [key, strip(item, [...path, key])] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  };
  return { state: stripObject(state, []), paths, buffers };
}

/**
 * Puts binary values back at their places, as bytes. A place that the state does not have is passed over.
 */
export function joinBuffers(
  state: Readonly<Record<string, unknown>>,
  paths: readonly BufferPath[],
  buffers: readonly Uint8Array[],
): Record<string, unknown> {
  const joined = structuredClone(state) as Record<string, unknown>;
  for (const [index, path] of paths.entries()) {
    const last = path.at(-1);
    let place: unknown = joined;
    for (const key of path.slice(0, -1)) place = own(place, key);
    if (last !== undefined && typeof place === "object" && place !== null)
      Object.defineProperty(place, last, {
        value: buffers[index],
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return joined;
}

function own(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (Reflect.get(value, key) as unknown)
    : undefined;
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
