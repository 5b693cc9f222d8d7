import { crc32 } from "node:zlib";
import { TraceFormatError } from "../core/errors.ts";
import type { CachedAccess, CachedBlock, CachedExit, CachedExitKind, Privacy } from "./instrument.ts";

/*
 * A persistent instrumentation cache. All numbers are little endian; the file is mapped at `base` as it is, so a record's code lies at
 * `base` plus its place in the file.
 *
 * Header, 128 bytes:          Record, from a multiple of 16 on, its length one, too:
 *    0  "veelpic" and 0          0  u32 "BLK1"
 *    8  u32 version              4  u32 bytes of the record
 *   12  u32 bytes of build id    8  u32 CRC-32 of the record from byte 12 on
 *   16  48 bytes build id       12  u16 exits, 14 u16 accesses
 *   64  u64 base                16  u64 start of the original block
 *   72  u64 base of pointers    24  u32 bytes, 28 u16 instructions of the original block
 *   80  u32 CRC-32 of 0 to 79   32  u32 bytes of code, 36 u32 where the code begins in the record
 *                               48  an exit each 16 bytes: u8 kind, 4 u32 pointer or 2^32-1, 8 u64 target or 2^64-1
 *                                   an access each 16 bytes: u64 pc, 8 u16 size, 10 u8 write, 11 u8 privacy, 12 u32 pointer or 2^32-1
 *                                   the code, from a multiple of 16 on
 */
const magic = "veelpic\0";
const version = 1;
export const headerBytes = 128;
const idBytes = 48;
const recordMagic = 0x314b_4c42;
const recordHeadBytes = 48;
const entryBytes = 16;
const alignment = 16;
const none = 0xffff_ffff;
const noTarget = 0xffff_ffff_ffff_ffffn;

const kinds: readonly CachedExitKind[] = [
  ...(["next", "jump", "branch", "call", "return", "indirect-jump", "indirect-call", "none", "leave"] as const),
];
const privacies: readonly Privacy[] = ["shared", "stack", "thread", "profile"];

const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** Where a cache's code and pointers are to be in memory, and of which build they are. */
export interface PicHead {
  /** The build of the program that it belongs to, hexadecimal. */
  readonly buildId: string;
  /** Where the file is to be mapped. */
  readonly base: number;
  /** Where the pointers are that its code goes through. */
  readonly linkBase: number;
}

/** The header's bytes. */
export function encodeHead({ buildId, base, linkBase }: PicHead): Uint8Array {
  const bytes = Buffer.alloc(headerBytes);
  bytes.write(magic, "latin1");
  bytes.writeUInt32LE(version, 8);
  const id = Buffer.from(buildId, "hex").subarray(0, idBytes);
  bytes.writeUInt32LE(id.length, 12);
  bytes.set(id, 16);
  bytes.writeBigUInt64LE(BigInt(base), 64);
  bytes.writeBigUInt64LE(BigInt(linkBase), 72);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 80)), 80);
  return bytes;
}

/** Reads the header; TraceFormatError where it is none, of another version, or damaged. */
export function decodeHead(bytes: Uint8Array, file: string): PicHead {
  const fail = (offset: number, field: string, problem: string): never => {
    throw new TraceFormatError({ file, offset, field }, problem);
  };
  if (bytes.length < headerBytes) fail(bytes.length, "header", `expected ${headerBytes} bytes, got ${bytes.length}`);
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, headerBytes);
  if (head.toString("latin1", 0, 8) !== magic)
    fail(0, "magic", `expected ${Buffer.from(magic).toString("hex")} (a cache), got ${head.toString("hex", 0, 8)}`);
  if (head.readUInt32LE(8) !== version) fail(8, "version", `expected ${version}, got ${head.readUInt32LE(8)}`);
  const [sum, own] = [head.readUInt32LE(80), crc32(head.subarray(0, 80))];
  if (sum !== own) fail(80, "checksum", `expected the header's, ${own.toString(16)}, got ${sum.toString(16)}`);
  const length = Math.min(head.readUInt32LE(12), idBytes);
  const buildId = head.toString("hex", 16, 16 + length);
  return { buildId, base: Number(head.readBigUInt64LE(64)), linkBase: Number(head.readBigUInt64LE(72)) };
}

/** Where a record's code begins behind the record's start. */
export const codeOffset = (exits: number, accesses: number): number =>
  aligned(recordHeadBytes + entryBytes * (exits + accesses));

/** A record's bytes. */
export function encodeRecord({ start, end, instructions, exits, accesses, code }: CachedBlock): Uint8Array {
  const from = codeOffset(exits.length, accesses.length);
  // Behind the code, int3 to the record's end.
  const bytes = Buffer.alloc(aligned(from + code.length), 0xcc);
  bytes.fill(0, 0, from);
  bytes.writeUInt32LE(recordMagic, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.writeUInt16LE(exits.length, 12);
  bytes.writeUInt16LE(accesses.length, 14);
  bytes.writeBigUInt64LE(BigInt(start), 16);
  bytes.writeUInt32LE(end - start, 24);
  bytes.writeUInt16LE(instructions, 28);
  bytes.writeUInt32LE(code.length, 32);
  bytes.writeUInt32LE(from, 36);
  let at = recordHeadBytes;
  for (const { kind, target, link } of exits) {
    bytes.writeUInt8(kinds.indexOf(kind), at);
    bytes.writeUInt32LE(link ?? none, at + 4);
    bytes.writeBigUInt64LE(target === undefined ? noTarget : BigInt(target), at + 8);
    at += entryBytes;
  }
  for (const { pc, write, size, privacy, link } of accesses) {
    bytes.writeBigUInt64LE(BigInt(pc), at);
    bytes.writeUInt16LE(size, at + 8);
    bytes.writeUInt8(write ? 1 : 0, at + 10);
    bytes.writeUInt8(privacies.indexOf(privacy), at + 11);
    bytes.writeUInt32LE(link ?? none, at + 12);
    at += entryBytes;
  }
  bytes.set(code, from);
  bytes.writeUInt32LE(crc32(bytes.subarray(12)), 8);
  return bytes;
}

/** The records of a cache as far as they are whole. */
export interface PicRecords {
  readonly blocks: readonly CachedBlock[];
  /** Where the next record goes. */
  readonly wholeBytes: number;
  /** Bytes behind that are no whole record: what a crash left of the last one. */
  readonly tornBytes: number;
}

/** Reads the records behind the header, up to the first that is cut or damaged. Linear. */
export function decodeRecords(bytes: Uint8Array, base: number): PicRecords {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: CachedBlock[] = [];
  let at = headerBytes;
  for (;;) {
    const length =
      at + recordHeadBytes <= file.length && file.readUInt32LE(at) === recordMagic ? file.readUInt32LE(at + 4) : 0;
    if (length < recordHeadBytes || length % alignment !== 0 || at + length > file.length) break;
    const record = file.subarray(at, at + length);
    if (record.readUInt32LE(8) !== crc32(record.subarray(12))) break;
    blocks.push(decodeRecord(record, base + at));
    at += length;
  }
  return { blocks, wholeBytes: at, tornBytes: file.length - at };
}

function decodeRecord(record: Buffer, address: number): CachedBlock {
  const [exitCount, accessCount] = [record.readUInt16LE(12), record.readUInt16LE(14)];
  const start = Number(record.readBigUInt64LE(16));
  const from = record.readUInt32LE(36);
  let at = recordHeadBytes;
  const linkAt = (place: number) => {
    const link = record.readUInt32LE(place);
    return link === none ? {} : { link };
  };
  const exits = Array.from({ length: exitCount }, (): CachedExit => {
    const target = record.readBigUInt64LE(at + 8);
    const exit = { kind: kinds[record.readUInt8(at)]!, ...linkAt(at + 4) };
    at += entryBytes;
    return target === noTarget ? exit : { ...exit, target: Number(target) };
  });
  const accesses = Array.from({ length: accessCount }, (): CachedAccess => {
    const access = {
      pc: Number(record.readBigUInt64LE(at)),
      write: record.readUInt8(at + 10) === 1,
      size: record.readUInt16LE(at + 8),
      privacy: privacies[record.readUInt8(at + 11)]!,
      ...linkAt(at + 12),
    };
    at += entryBytes;
    return access;
  });
  return {
    ...{ start, end: start + record.readUInt32LE(24), instructions: record.readUInt16LE(28), exits, accesses },
    ...{ address: address + from, code: record.subarray(from, from + record.readUInt32LE(32)) },
  };
}
