import * as arrow from "apache-arrow";
import { TraceFormatError } from "../../errors.ts";
import { references } from "../../formats/kinds.ts";
import { codes, optional } from "../../formats/layout.ts";
import { traceRows } from "../../formats/rows.ts";
import { type PageRuns, pageRuns } from "../page-runs.ts";
import { PluginRecords } from "../plugin/plugin-records.ts";

/** Totals of a recording. */
export interface AccessTotals {
  /** Instructions executed. */
  readonly instructions: number;
  readonly reads: number;
  readonly writes: number;
  /** Accesses to devices; they are in no table. */
  readonly deviceAccesses: number;
}

/** A page of code: how much of it was executed, and from when on. */
export interface CodePage {
  readonly physicalPage: number;
  /** The virtual page of its first execution. */
  readonly virtualPage: number;
  /** Instructions of the whole recording before its first. */
  readonly first: number;
  /** Instructions executed on it. */
  instructions: number;
}

const accessLayout = {
  kind: codes(references),
  address: "uint64",
  sizeBytes: "uint32",
  physicalAddress: "uint64",
  instructions: optional("uint32"),
} as const;

const runLayout = { page: "float64", physicalPage: "uint32", count: "uint32", kind: codes(references) } as const;

const batchRows = 65_536;

/** Reduces the plugin's records to runs of references to pages and to pages of code, and keeps the first ones as they are. */
export class AccessRecords {
  readonly #runs: PageRuns = pageRuns(batchRows);
  readonly #rows = traceRows(runLayout, batchRows);
  readonly #pairs = new PagePairs();
  readonly #raw: ReturnType<typeof traceRows<typeof accessLayout>>;
  readonly #rawLimit: number;
  readonly #code = new Map<number, CodePage>();
  #instructions = 0;
  #deviceAccesses = 0;
  readonly #records = new PluginRecords("accesses");

  constructor(rawLimit: number) {
    this.#rawLimit = rawLimit;
    this.#raw = traceRows(accessLayout, Math.max(rawLimit, 1));
    this.#raw.metadata.set("veelab.format", "guest-accesses").set("veelab.kind", "memory");
  }

  /** Takes what has come of the pipe, and hands out the batches of runs that are full. */
  *add(bytes: Uint8Array): Generator<arrow.RecordBatch, void> {
    const words = this.#records.words(bytes);
    for (let at = 0; at < words.length; at += 4) {
      this.#record(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
      if (this.#runs.full()) yield this.#take()!;
    }
  }

  #record(low: number, high: number, physicalLow: number, physicalHigh: number): void {
    const kind = ((high >>> 16) & 3) as 0 | 1 | 2 | 3;
    if (kind === 3) throw new TraceFormatError({ file: "accesses" }, "expected a kind of 0, 1 or 2, got 3");
    if ((high & 0x40000) !== 0) {
      this.#deviceAccesses += 1;
      return;
    }
    const page = (high & 0xffff) * 0x100000 + (low >>> 12);
    const physicalPage = (physicalHigh & 0xffff) * 0x100000 + (physicalLow >>> 12);
    const instructions = physicalHigh >>> 16;
    this.#runs.reference(this.#pairs.id(page, physicalPage, kind === 0 ? 0 : 1), kind, kind === 0 ? instructions : 1);
    if (kind === 0) {
      const code = this.#code.get(physicalPage);
      if (code !== undefined) code.instructions += instructions;
      else this.#code.set(physicalPage, { physicalPage, virtualPage: page, first: this.#instructions, instructions });
      this.#instructions += instructions;
    }
    if (this.#raw.count < this.#rawLimit) this.#keep(kind, low, high, physicalLow, physicalHigh);
  }

  #keep(kind: number, low: number, high: number, physicalLow: number, physicalHigh: number): void {
    const { columns, count } = this.#raw;
    columns.kind[count] = kind;
    columns.address[2 * count] = low;
    // Bit 47 is repeated in all bits above it.
    columns.address[2 * count + 1] = (high << 16) >> 16;
    columns.sizeBytes[count] = high >>> 19;
    columns.physicalAddress[2 * count] = physicalLow;
    columns.physicalAddress[2 * count + 1] = physicalHigh & 0xffff;
    if (kind === 0) columns.instructions[count] = physicalHigh >>> 16;
    else this.#raw.setNull("instructions");
    this.#raw.count += 1;
  }

  #take(): arrow.RecordBatch | undefined {
    const batch = this.#runs.take();
    if (batch === undefined) return undefined;
    const rows = this.#rows;
    const column = (name: string): Uint32Array | Uint8Array => batch.getChild(name)!.data[0]!.values as Uint32Array;
    const ids = column("page");
    rows.columns.count.set(column("count").subarray(0, batch.numRows));
    rows.columns.kind.set(column("kind").subarray(0, batch.numRows));
    for (; rows.count < batch.numRows; rows.count += 1) {
      rows.columns.page[rows.count] = this.#pairs.page(ids[rows.count]!);
      rows.columns.physicalPage[rows.count] = this.#pairs.physicalPage(ids[rows.count]!);
    }
    return rows.take();
  }

  /** The last batch of runs; undefined when everything has been handed out. */
  end(): arrow.RecordBatch | undefined {
    this.#records.end();
    return this.#take();
  }

  /** The first accesses as they are. */
  raw(): arrow.RecordBatch {
    return this.#raw.take();
  }

  /** The pages of code, in order of their first execution. */
  code(): readonly CodePage[] {
    return [...this.#code.values()];
  }

  totals(): AccessTotals {
    const { references: counts } = this.#runs.totals();
    return {
      instructions: this.#instructions,
      reads: counts[1],
      writes: counts[2],
      deviceAccesses: this.#deviceAccesses,
    };
  }
}

/** Numbers for pairs of a virtual and a physical page: two address spaces may have the same virtual page. */
class PagePairs {
  readonly #pages: number[] = [];
  readonly #physicalPages: number[] = [];
  /** The next pair of the same virtual page. */
  readonly #next: number[] = [];
  readonly #first = new Map<number, number>();
  /** The last pair of the fetches and of the data: most references repeat it. */
  readonly #last: [fetch: number, data: number] = [-1, -1];

  id(page: number, physicalPage: number, stream: 0 | 1): number {
    const last = this.#last[stream];
    if (last >= 0 && this.#pages[last] === page && this.#physicalPages[last] === physicalPage) return last;
    let id = this.#first.get(page) ?? -1;
    while (id >= 0 && this.#physicalPages[id] !== physicalPage) id = this.#next[id]!;
    if (id < 0) {
      id = this.#pages.length;
      this.#pages.push(page);
      this.#physicalPages.push(physicalPage);
      this.#next.push(this.#first.get(page) ?? -1);
      this.#first.set(page, id);
    }
    this.#last[stream] = id;
    return id;
  }

  page(id: number): number {
    return this.#pages[id]!;
  }

  physicalPage(id: number): number {
    return this.#physicalPages[id]!;
  }
}

const codeLayout = {
  physicalPage: "float64",
  virtualPage: "float64",
  first: "float64",
  instructions: "float64",
  hash: "uint64",
  diskBlock: optional("float64"),
} as const;

/** Pages of code, with their hashes and the equal blocks of the disk at the recording's end. */
export function codeTable(
  pages: readonly CodePage[],
  hashes: BigUint64Array,
  blocks: ReadonlyMap<bigint, number>,
): arrow.RecordBatch {
  const rows = traceRows(codeLayout, Math.max(pages.length, 1));
  const { columns } = rows;
  const hashColumn = new BigUint64Array(columns.hash.buffer);
  for (const { physicalPage, virtualPage, first, instructions } of pages) {
    columns.physicalPage[rows.count] = physicalPage;
    columns.virtualPage[rows.count] = virtualPage;
    columns.first[rows.count] = first;
    columns.instructions[rows.count] = instructions;
    const hash = hashes[physicalPage] ?? 0n;
    hashColumn[rows.count] = hash;
    const block = blocks.get(hash);
    if (block === undefined) rows.setNull("diskBlock");
    else columns.diskBlock[rows.count] = block;
    rows.count += 1;
  }
  return rows.take();
}
