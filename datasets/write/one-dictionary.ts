import * as arrow from "apache-arrow";
import { OptionError } from "../errors.ts";

/**
 * Gives the batches of a file one dictionary for each column, which grows from batch to batch: an Arrow file has no place for
 * another one. Batches that share theirs, as those of one reader do, pass as they are; the codes of others are
 * translated. Linear in the rows that are translated and in the texts.
 */
export function oneDictionary(): (schema: arrow.Schema, batch: arrow.RecordBatch) => arrow.RecordBatch {
  const columns = new Map<number, Column>();
  return (schema, batch) => {
    const children = batch.data.children.map((data, at) => {
      if (data.dictionary === undefined) return data;
      const column = columns.get(at) ?? new Column(schema.fields[at]!.name);
      columns.set(at, column);
      return column.take(data, schema.fields[at]!.type as arrow.DataType);
    });
    return new arrow.RecordBatch(
      schema,
      arrow.makeData({ type: new arrow.Struct(schema.fields), length: batch.numRows, nullCount: 0, children }),
      batch.metadata,
    );
  };
}

/** Whether a dictionary is another one that has grown, or the same. */
const grewFrom = (dictionary: arrow.Vector, old: arrow.Vector): boolean =>
  old.data.every((chunk, at) => chunk === dictionary.data[at]);

const idOf = (type: arrow.DataType): number | undefined => (arrow.DataType.isDictionary(type) ? type.id : undefined);

class Column {
  readonly #name: string;
  #dictionary: arrow.Vector | undefined;
  readonly #codes = new Map<unknown, number>();
  #counted = 0;

  constructor(name: string) {
    this.#name = name;
  }

  take(data: arrow.Data, type: arrow.DataType): arrow.Data {
    const given = data.dictionary!;
    const known = this.#dictionary;
    const grew = known === undefined || grewFrom(given, known);
    if (grew) this.#dictionary = given;
    if (grew && idOf(data.type) === idOf(type)) return data;
    const same = grew || grewFrom(known, given);
    const values = same ? (data.values as Int32Array) : this.#translated(data, given, known);
    return arrow.makeData({
      type,
      length: data.length,
      nullCount: data.nullCount,
      ...(data.nullCount > 0 ? { nullBitmap: data.nullBitmap } : {}),
      ...(data.offset > 0 ? { offset: data.offset } : {}),
      data: values,
      dictionary: this.#dictionary,
    } as never) as arrow.Data;
  }

  #translated(data: arrow.Data, given: arrow.Vector, known: arrow.Vector): Int32Array {
    for (; this.#counted < known.length; this.#counted += 1) this.#codes.set(known.get(this.#counted), this.#counted);
    const added: unknown[] = [];
    const codes = Array.from({ length: given.length }, (_, code) => {
      const text: unknown = given.get(code);
      const old = this.#codes.get(text);
      if (old !== undefined) return old;
      added.push(text);
      this.#codes.set(text, this.#counted);
      return this.#counted++;
    });
    if (added.length > 0) {
      const [chunk] = arrow.vectorFromArray(added, given.type as arrow.Utf8).data;
      this.#dictionary = new arrow.Vector([...known.data, chunk!]);
    }
    const { isSigned, bitWidth } = (data.type as unknown as { readonly indices: arrow.Int }).indices;
    const most = 2 ** (isSigned ? bitWidth - 1 : bitWidth);
    if (this.#counted > most)
      throw new OptionError(this.#name, `at most ${most} different texts in all batches`, this.#counted);
    return (data.values as Int32Array).map((code) => codes[code] ?? 0);
  }
}
