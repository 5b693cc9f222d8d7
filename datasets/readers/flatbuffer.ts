/**
 * A verifier for the flatbuffers that Arrow's metadata are. The accessors generated from a schema trust every offset and count in
 * the buffer; with a damaged one they read elsewhere or loop for minutes. Here every offset, string and vector is checked to
 * lie in the buffer before an accessor sees it, as flatbuffers' C++ verifier does.
 */
export type Slot =
  | { readonly kind: "scalar"; readonly bytes: number }
  | { readonly kind: "string" }
  | { readonly kind: "table"; readonly table: () => TableShape; readonly required?: true }
  | { readonly kind: "structs"; readonly bytes: number }
  | { readonly kind: "tables"; readonly table: () => TableShape }
  /** The table named by the type byte in the slot before. */
  | { readonly kind: "union"; readonly tables: Readonly<Record<number, () => TableShape>> };

/** A table's slots in the order of its schema; undefined for deprecated ones. */
export type TableShape = readonly (Slot | undefined)[];

const deepest = 64;

/** Checks the buffer whose root is a table of this shape; gives the fault found, or undefined. Linear time in the buffer's size. */
export function verifyFlatbuffer(bytes: Uint8Array, shape: TableShape): string | undefined {
  try {
    const verifier = new Verifier(bytes);
    verifier.table(verifier.offset(0), shape, 0);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

class Fault extends Error {}

class Verifier {
  readonly #view: DataView;
  readonly #size: number;
  /** Tables may be shared; a buffer that shares them over and over would take exponential time. */
  #tablesLeft: number;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#size = bytes.byteLength;
    this.#tablesLeft = 16 + this.#size / 4;
  }

  /** Checks that `count` bytes lie at `at`. */
  #range(at: number, count: number): void {
    if (!(at >= 0 && count >= 0 && at + count <= this.#size))
      throw new Fault(`metadata that refer to bytes ${at} to ${at + count} of ${this.#size}`);
  }

  /** Where the offset stored at `at` leads. */
  offset(at: number): number {
    this.#range(at, 4);
    const target = at + this.#view.getUint32(at, true);
    this.#range(target, 4);
    return target;
  }

  /** Where a vector's elements begin. */
  #vector(at: number, elementBytes: number): { first: number; count: number } {
    const start = this.offset(at);
    const count = this.#view.getUint32(start, true);
    this.#range(start + 4, count * elementBytes);
    return { first: start + 4, count };
  }

  table(at: number, shape: TableShape, depth: number): void {
    if (depth > deepest || (this.#tablesLeft -= 1) < 0) throw new Fault("metadata that are nested without end");
    this.#range(at, 4);
    const slots = at - this.#view.getInt32(at, true);
    this.#range(slots, 4);
    const slotBytes = this.#view.getUint16(slots, true);
    const tableBytes = this.#view.getUint16(slots + 2, true);
    if (slotBytes < 4 || slotBytes % 2 !== 0 || tableBytes < 4) throw new Fault("metadata with a malformed table");
    this.#range(slots, slotBytes);
    this.#range(at, tableBytes);
    const place = (index: number): number => {
      const entry = 4 + 2 * index;
      return entry < slotBytes ? this.#view.getUint16(slots + entry, true) : 0;
    };
    for (const [index, slot] of shape.entries()) {
      if (slot === undefined) continue;
      const inside = place(index);
      if (inside === 0) {
        if (slot.kind === "table" && slot.required) throw new Fault("metadata without a part that they must have");
        continue;
      }
      const bytes = slot.kind === "scalar" ? slot.bytes : 4;
      if (inside + bytes > tableBytes) throw new Fault("metadata with a malformed table");
      const type = slot.kind === "union" && index > 0 ? place(index - 1) : 0;
      this.#slot(at + inside, slot, depth, type === 0 ? 0 : this.#view.getUint8(at + type));
    }
  }

  #slot(at: number, slot: Slot, depth: number, type: number): void {
    switch (slot.kind) {
      case "scalar":
        return;
      case "string":
        this.#vector(at, 1);
        return;
      case "structs":
        this.#vector(at, slot.bytes);
        return;
      case "table":
        this.table(this.offset(at), slot.table(), depth + 1);
        return;
      case "tables": {
        const { first, count } = this.#vector(at, 4);
        const shape = slot.table();
        for (let index = 0; index < count; index += 1) this.table(this.offset(first + 4 * index), shape, depth + 1);
        return;
      }
      case "union": {
        const shape = slot.tables[type];
        if (shape === undefined) throw new Fault(`metadata of the unknown kind ${type}`);
        this.table(this.offset(at), shape(), depth + 1);
      }
    }
  }
}
