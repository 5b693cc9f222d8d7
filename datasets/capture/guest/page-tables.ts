import type * as arrow from "apache-arrow";
import { OptionError } from "../../errors.ts";
import { traceRows } from "../../formats/rows.ts";

/** A present entry of a page table. */
export interface PageTableEntry {
  /** 4 for the entries of the root (PML4), 1 for those of the last level. */
  readonly level: 1 | 2 | 3 | 4;
  /** The first virtual address that it translates, as 64 bits. */
  readonly virtualAddress: bigint;
  /** The physical page (4 KiB) of the table below, or of the memory that it maps. */
  readonly frame: number;
  /** Whether it maps memory: at level 1, and at levels 2 and 3 where its page-size bit is set. */
  readonly leaf: boolean;
  /** Bits 0 to 11, and bit 63 (no execution) as bit 12. */
  readonly flags: number;
}

const entries = 512;

/**
 * Walks the four levels of an x86-64 page table from its root and gives every present entry, each table before the
 * entries below it, in order of addresses. Linear time in the entries.
 */
export async function* walkPageTables(
  cr3: bigint,
  readPage: (frame: number) => Promise<Uint8Array>,
): AsyncGenerator<PageTableEntry, void> {
  yield* walk(Number((cr3 >> 12n) & 0xff_ffff_ffffn), 4, 0n, readPage);
}

async function* walk(
  table: number,
  level: 1 | 2 | 3 | 4,
  base: bigint,
  readPage: (frame: number) => Promise<Uint8Array>,
): AsyncGenerator<PageTableEntry, void> {
  const bytes = await readPage(table);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < entries; at += 1) {
    const entry = view.getBigUint64(at * 8, true);
    if ((entry & 1n) === 0n) continue;
    const shift = BigInt(12 + 9 * (level - 1));
    const virtualAddress = BigInt.asUintN(64, BigInt.asIntN(48, base + (BigInt(at) << shift)));
    const leaf = level === 1 || (level < 4 && (entry & 0x80n) !== 0n);
    // A large page's bit 12 is its PAT bit, and no part of its address.
    const mask = leaf ? ~((1n << shift) - 1n) : ~0xfffn;
    const frame = Number(((entry & mask) >> 12n) & 0xff_ffff_ffffn);
    yield { level, virtualAddress, frame, leaf, flags: Number(entry & 0xfffn) | (Number(entry >> 63n) << 12) };
    if (!leaf) yield* walk(frame, (level - 1) as 1 | 2 | 3, base + (BigInt(at) << shift), readPage);
  }
}

/** CR3 and the privilege level, as the monitor's `info registers` prints them. */
export function registersOf(text: string): { readonly cr3: bigint; readonly userMode: boolean } {
  const cr3 = /CR3=([0-9a-f]+)/.exec(text)?.[1];
  const level = /CPL=(\d)/.exec(text)?.[1];
  if (cr3 === undefined || level === undefined)
    throw new OptionError("registers", "CR3 and CPL in QEMU's registers of an x86 processor", text.slice(0, 60));
  return { cr3: BigInt(`0x${cr3}`), userMode: level === "3" };
}

const layout = {
  dump: "uint32",
  level: "uint8",
  virtualAddress: "uint64",
  frame: "float64",
  leaf: "bool",
  flags: "uint16",
} as const;

/** Page tables of several dumps, as tables of one schema. */
export function entryTables(): (dump: number, entries: readonly PageTableEntry[]) => arrow.RecordBatch {
  return (dump, list) => {
    const rows = traceRows(layout, Math.max(list.length, 1));
    const { columns } = rows;
    const addresses = new BigUint64Array(columns.virtualAddress.buffer);
    for (const { level, virtualAddress, frame, leaf, flags } of list) {
      columns.dump[rows.count] = dump;
      columns.level[rows.count] = level;
      addresses[rows.count] = virtualAddress;
      columns.frame[rows.count] = frame;
      columns.leaf[rows.count] = leaf ? 1 : 0;
      columns.flags[rows.count] = flags;
      rows.count += 1;
    }
    return rows.take();
  };
}
