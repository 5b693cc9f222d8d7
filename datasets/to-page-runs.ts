import * as arrow from "apache-arrow";
import { pageRuns } from "./capture/page-runs.ts";
import { pageBytes } from "./formats/page.ts";
import { OptionError } from "./errors.ts";
import { references } from "./formats/kinds.ts";

/** Rows in a batch of runs. */
const batchRows = 65_536;

/**
 * Reduces references to memory, as readers give them (`kind`, `address`, `sizeBytes`), to runs on 4 KiB pages (`page`, `count`, `kind`): what the
 * paging simulators take. What the reduction keeps exact is said at {@link PageRuns}. Linear time; memory for a batch and the set of pages.
 *
 * Throws OptionError for a trace of other columns, and for an address of 2^44 and above, whose page has no number of 32 bits.
 *
 * @example
 * ```ts
 * import { tableFromArrays } from "apache-arrow";
 * import { toPageRuns } from "veelab/datasets";
 *
 * const trace = tableFromArrays({
 *   kind: Uint8Array.of(1, 1, 2),
 *   address: BigUint64Array.of(0n, 8n, 4096n),
 *   sizeBytes: Uint32Array.of(8, 8, 8),
 * });
 * for await (const runs of toPageRuns(trace.batches)) console.log(runs.numRows); // 2
 * ```
 */
export async function* toPageRuns(
  batches: Iterable<arrow.RecordBatch> | AsyncIterable<arrow.RecordBatch>,
): AsyncGenerator<arrow.RecordBatch, void> {
  const runs = pageRuns(batchRows);
  for await (const batch of batches) {
    const kinds = kindsOf(batch.getChild("kind"));
    const addresses: unknown = batch.getChild("address")?.data[0]?.values;
    const sizes: unknown = batch.getChild("sizeBytes")?.data[0]?.values;
    if (kinds === undefined || !(addresses instanceof BigUint64Array) || !(sizes instanceof Uint32Array))
      throw new OptionError(
        "batches",
        "references to memory with kind, address (uint64) and sizeBytes (uint32)",
        batch.schema.names,
      );
    const halves = new Uint32Array(addresses.buffer, addresses.byteOffset, 2 * addresses.length);
    for (let row = 0; row < batch.numRows; row += 1) {
      const address = halves[2 * row + 1]! * 0x100000000 + halves[2 * row]!;
      const of = kinds[row]!;
      if (of !== 0 && of !== 1 && of !== 2)
        throw new OptionError(
          "batches",
          `references of kind ${references.join(", ")}`,
          batch.getChild("kind")!.get(row),
        );
      const first = Math.floor(address / pageBytes);
      const last = Math.floor((address + Math.max(1, sizes[row]!) - 1) / pageBytes);
      if (last > 0xffffffff) throw new OptionError("batches", "addresses below 2^44", `0x${address.toString(16)}`);
      for (let page = first; page <= last; page += 1) {
        if (runs.full()) yield runs.take()!;
        runs.reference(page, of);
      }
    }
  }
  const rest = runs.take();
  if (rest !== undefined) yield rest;
}

/** Each row's place in `references`: of texts, of a dictionary of them, or of the places themselves. */
function kindsOf(column: arrow.Vector | null): ArrayLike<number> | undefined {
  const data = column?.data[0] as arrow.Data | undefined;
  if (data === undefined) return undefined;
  if (arrow.DataType.isUtf8(data.type)) return Int8Array.from(column!, (word) => references.indexOf(String(word)));
  const codes = data.values as ArrayLike<number>;
  if (data.dictionary === undefined) return codes;
  const places = [...data.dictionary].map((word) => references.indexOf(String(word)));
  return Int8Array.from({ length: data.length }, (_, row) => places[codes[row]!] ?? -1);
}
