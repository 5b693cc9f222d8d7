import * as arrow from "apache-arrow";
import { formatKey } from "../../datasets/read-trace.ts";
import { hasColumns, numbersOf, wordsOf } from "./columns.ts";

/** Which rows of a format that has a row for each event of a request are requests. */
interface Rule {
  readonly format: string;
  /** The column that says what a row is. */
  readonly column: string;
  /** By which columns a trace is known that does not say its format. */
  readonly columns: readonly string[];
  /** What that column says of requests: the first of these groups that the trace has when its first request comes. */
  readonly groups: readonly Group[];
}

interface Group {
  /** What it is, for a reader. */
  readonly name: string;
  readonly words: readonly string[];
}

const rules: readonly Rule[] = [
  {
    format: "blkparse",
    column: "action",
    columns: ["action", "rwbs"],
    groups: [
      { name: "events Q (queued)", words: ["Q"] },
      { name: "events D (issued to the driver)", words: ["D"] },
      { name: "events C (completed)", words: ["C"] },
    ],
  },
  {
    format: "fio-iolog",
    column: "action",
    columns: ["action", "waitNs"],
    groups: [{ name: "reads, writes, syncs and trims", words: ["read", "write", "sync", "datasync", "trim"] }],
  },
  {
    format: "qemu-trace",
    column: "event",
    columns: ["event", "opcode", "offsetBytes"],
    groups: [
      {
        name: "the guest's, without completions",
        words: [
          "virtio_blk_handle_read",
          "virtio_blk_handle_write",
          "pci_nvme_read",
          "pci_nvme_write",
          "pci_nvme_dsm_deallocate",
          // Of the rows with an operation a flush: other commands have rows of their own.
          "pci_nvme_io_cmd",
        ],
      },
      { name: "the back end's", words: ["blk_co_preadv", "blk_co_pwritev"] },
    ],
  },
];

/**
 * Picks the rows that are requests while the batches of a trace go by, so that a request counts once: of blkparse's
 * events those of one action (`Q` where the first batch with any of them has it, else `D`, else `C`), of QEMU's trace
 * events the guest's requests (the back end's where the first batch with requests has none of the guest's), of fio's
 * log the reads, writes, syncs and trims. Every row of any other trace.
 */
export class Requests {
  #group: Group | undefined;

  /** What was picked, for a reader; undefined of a trace whose rows are all requests, or without any. */
  get picked(): string | undefined {
    return this.#group === undefined ? undefined : `requests: ${this.#group.name}`;
  }

  /** The requests of a batch: the batch itself where all rows are, else one of the columns that all block traces have. */
  of(batch: arrow.RecordBatch): arrow.RecordBatch {
    const { schema } = batch;
    const format = schema.metadata.get(formatKey);
    const rule = rules.find((one) => one.format === format) ?? rules.find(({ columns }) => hasColumns(schema, columns));
    if (rule === undefined) return batch;
    const events = wordsOf(batch, rule.column);
    const operations = wordsOf(batch, "op");
    const isRequest = (row: number) => operations.texts[operations.codes[row]!] !== "";
    const rows = Array.from({ length: batch.numRows }, (_, row) => row).filter(isRequest);
    this.#group ??= groupOf(rule, new Set(rows.map((row) => events.texts[events.codes[row]!]!)));
    const isPicked = events.texts.map((text) => this.#group?.words.includes(text) === true);
    const picked = rows.filter((row) => isPicked[events.codes[row]!]);
    return picked.length === batch.numRows ? batch : rowsOf(batch, picked, operations);
  }
}

const groupOf = ({ groups }: Rule, found: ReadonlySet<string>): Group | undefined =>
  groups.find(({ words }) => words.some((word) => found.has(word)));

/** Some rows of a batch as a batch: the columns that all block traces have. */
function rowsOf(
  batch: arrow.RecordBatch,
  rows: readonly number[],
  { codes, texts }: ReturnType<typeof wordsOf>,
): arrow.RecordBatch {
  const numbers = (name: string) => {
    const values = numbersOf(batch, name);
    return arrow.makeData({ type: new arrow.Float64(), data: Float64Array.from(rows, (row) => values[row]!) });
  };
  const op = arrow.makeData({
    type: new arrow.Dictionary(new arrow.Utf8(), new arrow.Uint32()),
    data: Uint32Array.from(rows, (row) => codes[row]!),
    dictionary: arrow.vectorFromArray(texts, new arrow.Utf8()),
  });
  const names = ["timeNs", "offsetBytes", "sizeBytes"].filter((name) => hasColumns(batch.schema, [name]));
  return new arrow.RecordBatch({ ...Object.fromEntries(names.map((name) => [name, numbers(name)])), op });
}
