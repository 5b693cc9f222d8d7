import * as arrow from "apache-arrow";

const { DataType } = arrow;

/**
 * Checks that a column as apache-arrow loaded it holds together: buffers as long as its rows need, offsets that rise and stay in
 * their data, dictionary indices that exist, as many nulls as were announced. Gives the fault, or undefined. Linear
 * time in the rows of variable width, constant in the others.
 */
export function dataFault(data: arrow.Data, seen: WeakSet<arrow.Data>): string | undefined {
  const { type, length, nullCount } = data;
  if (!Number.isSafeInteger(length) || length < 0) return `${length} rows`;
  if (DataType.isNull(type)) return undefined;
  return nullFault(data, length, nullCount) ?? valueFault(data, seen);
}

function nullFault(data: arrow.Data, length: number, nullCount: number): string | undefined {
  if (nullCount < 0 || nullCount > length) return `${nullCount} nulls in ${length} rows`;
  const bits = data.nullBitmap as Uint8Array | undefined;
  if (nullCount === 0) return undefined;
  if (bits === undefined || bits.length * 8 < length)
    return `${bits?.length ?? 0} bytes of validity for ${length} rows`;
  let valid = 0;
  for (let at = 0; at < length >> 3; at += 1) valid += bitsOf[bits[at]!]!;
  if (length % 8 !== 0) valid += bitsOf[bits[length >> 3]! & ((1 << (length % 8)) - 1)]!;
  return valid === length - nullCount ? undefined : `${length - valid} nulls where ${nullCount} were announced`;
}

const bitsOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0;
  for (let rest = byte; rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
});

function valueFault(data: arrow.Data, seen: WeakSet<arrow.Data>): string | undefined {
  const { type, length } = data;
  if (DataType.isDictionary(type)) return dictionaryFault(data, seen);
  if (DataType.isUtf8(type) || DataType.isBinary(type) || DataType.isLargeUtf8(type) || DataType.isLargeBinary(type))
    return offsetFault(data, bytesIn(data.values));
  if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) return viewFault(data);
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type))
    return offsetFault(data, data.children[0]?.length ?? 0) ?? childFault(data, 0, seen);
  if (DataType.isFixedSizeList(type)) return childFault(data, length * type.listSize, seen);
  if (DataType.isStruct(type)) return childFault(data, length, seen);
  const bits = bitWidth(type);
  if (bits === undefined) return `the type ${String(type as unknown)}, which is not supported`;
  const needed = Math.ceil((length * bits) / 8);
  const held = bytesIn(data.values);
  return held < needed ? `${held} bytes for ${length} rows of ${bits} bits` : undefined;
}

const bytesIn = (values: unknown): number => (ArrayBuffer.isView(values) ? values.byteLength : 0);

/** Bits of a value of a type of fixed width; undefined for types that are not read and for widths that no type has. */
function bitWidth(type: arrow.DataType): number | undefined {
  if (DataType.isBool(type)) return 1;
  if (DataType.isInt(type)) return [8, 16, 32, 64].includes(type.bitWidth) ? type.bitWidth : undefined;
  if (DataType.isFloat(type)) return [16, 32, 64][type.precision];
  if (DataType.isDate(type)) return [32, 64][type.unit];
  if (DataType.isTime(type)) return [32, 64].includes(type.bitWidth) ? type.bitWidth : undefined;
  if (DataType.isTimestamp(type) || DataType.isDuration(type)) return type.unit in arrow.TimeUnit ? 64 : undefined;
  if (DataType.isInterval(type)) return [32, 64, 128][type.unit];
  if (DataType.isDecimal(type)) return [32, 64, 128, 256].includes(type.bitWidth) ? type.bitWidth : undefined;
  if (DataType.isFixedSizeBinary(type)) return type.byteWidth >= 0 ? type.byteWidth * 8 : undefined;
  return undefined;
}

function offsetFault(data: arrow.Data, end: number): string | undefined {
  const { length } = data;
  // Writers may leave out the offsets of an empty column.
  if (length === 0) return undefined;
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  if (offsets.length < length + 1) return `${offsets.length} offsets for ${length} rows`;
  if (offsets instanceof BigInt64Array) {
    for (let at = 0; at < length; at += 1)
      if (offsets[at]! > offsets[at + 1]!) return `an offset that falls in row ${at + 1}`;
  } else
    for (let at = 0; at < length; at += 1)
      if (offsets[at]! > offsets[at + 1]!) return `an offset that falls in row ${at + 1}`;
  if (offsets[0]! < 0) return `the offset ${offsets[0]!}`;
  return offsets[length]! > end ? `the offset ${offsets[length]!} into ${end} values` : undefined;
}

function childFault(data: arrow.Data, rows: number, seen: WeakSet<arrow.Data>): string | undefined {
  for (const [at, child] of data.children.entries()) {
    const name = data.type.children[at]?.name ?? at;
    if (child.length < rows) return `${child.length} of ${rows} values in its child ${name}`;
    const fault = dataFault(child, seen);
    if (fault !== undefined) return `${fault} in its child ${name}`;
  }
  return undefined;
}

function dictionaryFault(data: arrow.Data, seen: WeakSet<arrow.Data>): string | undefined {
  const indices = data.values as
    Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array;
  const dictionary = data.dictionary;
  if (dictionary === undefined) return "no dictionary";
  for (const part of dictionary.data as readonly arrow.Data[]) {
    if (seen.has(part)) continue;
    const fault = dataFault(part, seen);
    if (fault !== undefined) return `${fault} in its dictionary`;
    seen.add(part);
  }
  if (indices.length < data.length) return `${indices.length} indices for ${data.length} rows`;
  for (let row = 0; row < data.length; row += 1) {
    const index = Number(indices[row]);
    if ((index < 0 || index >= dictionary.length) && data.getValid(row))
      return `the index ${index} into a dictionary of ${dictionary.length} values in row ${row + 1}`;
  }
  return undefined;
}

/** A view is a length, then 12 bytes of data, or a prefix, the number of a buffer and an offset into it. */
function viewFault(data: arrow.Data): string | undefined {
  const views = data.values as Uint8Array;
  const buffers = (data as unknown as { variadicBuffers: readonly Uint8Array[] }).variadicBuffers;
  if (views.byteLength < 16 * data.length) return `${views.byteLength} bytes of views for ${data.length} rows`;
  const view = new DataView(views.buffer, views.byteOffset, views.byteLength);
  for (let row = 0; row < data.length; row += 1) {
    const length = view.getInt32(16 * row, true);
    if (length >= 0 && length <= 12) continue;
    const end = view.getInt32(16 * row + 12, true) + length;
    const buffer = buffers[view.getInt32(16 * row + 8, true)];
    if (length < 0 || buffer === undefined || end < length || end > buffer.length) {
      if (data.getValid(row)) return `a string of ${length} bytes outside its buffers in row ${row + 1}`;
    }
  }
  return undefined;
}
