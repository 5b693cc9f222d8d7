/** A segment of a file that {@link elfFile} makes; its content stands behind the headers, in order, each on a page of its own. */
export interface SegmentSpec {
  readonly type: number;
  readonly flags?: number;
  readonly virtual?: number | bigint;
  readonly physical?: number | bigint;
  readonly content: Uint8Array;
}

export interface ElfSpec {
  /** 2 an executable, 3 a shared object, 4 a core. */
  readonly type: number;
  readonly bits?: 32 | 64;
  readonly segments: readonly SegmentSpec[];
  /** Whether the number of segments stands in a section header. */
  readonly many?: boolean;
  /** Where the first segment's content stands; 4096 when not given. */
  readonly start?: number;
}

/** Makes an ELF file, little endian. */
export function elfFile({ type, bits = 64, segments, many = false, start = 4096 }: ElfSpec): Uint8Array {
  const is64 = bits === 64;
  const [headerBytes, entryBytes, sectionBytes] = is64 ? [64, 56, 64] : [52, 32, 40];
  const offsets: number[] = [];
  let end = start;
  for (const { content } of segments) {
    offsets.push(end);
    end = Math.ceil((end + content.length) / 4096) * 4096;
  }
  const bytes = new Uint8Array(offsets.at(-1)! + segments.at(-1)!.content.length);
  const view = new DataView(bytes.buffer);
  const word = (at: number, value: number | bigint) => {
    if (is64) view.setBigUint64(at, BigInt(value), true);
    else view.setUint32(at, Number(value), true);
  };
  const phoff = headerBytes + (many ? sectionBytes : 0);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, is64 ? 62 : 3, true);
  view.setUint32(20, 1, true);
  word(is64 ? 32 : 28, phoff);
  word(is64 ? 40 : 32, many ? headerBytes : 0);
  view.setUint16(is64 ? 52 : 40, headerBytes, true);
  view.setUint16(is64 ? 54 : 42, entryBytes, true);
  view.setUint16(is64 ? 56 : 44, many ? 0xffff : segments.length, true);
  if (many) view.setUint32(headerBytes + (is64 ? 44 : 28), segments.length, true);
  for (const [i, segment] of segments.entries()) {
    const at = phoff + i * entryBytes;
    const { flags = 4, virtual = 0, physical = 0, content } = segment;
    view.setUint32(at, segment.type, true);
    view.setUint32(at + (is64 ? 4 : 24), flags, true);
    word(at + (is64 ? 8 : 4), offsets[i]!);
    word(at + (is64 ? 16 : 8), virtual);
    word(at + (is64 ? 24 : 12), physical);
    word(at + (is64 ? 32 : 16), content.length);
    word(at + (is64 ? 40 : 20), content.length);
    bytes.set(content, offsets[i]);
  }
  return bytes;
}

/** A page filled with a text, over and over. */
export const pageOf = (text: string): Uint8Array => new Uint8Array(Buffer.alloc(4096, text));
