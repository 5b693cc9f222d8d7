import { isAbsolute } from "node:path";
import { OptionError, SimulationError, TraceFormatError } from "../core/errors.ts";
import { onlyOptions } from "../core/options.ts";
import { decodeProgram, hex } from "./decode.ts";
import { Emitter } from "./emitter.ts";
import { functionNames, startsOf } from "./function-names.ts";
import type { ProgramImage } from "./image.ts";
import { pointerBytes } from "./instrument.ts";
import { biasOf, checkBuild, pageAfter, type Pic } from "./pic-file.ts";
import { patchBytes, type Section, sectionsOf, whyNot } from "./section-check.ts";
import { counterBytes, putBarrier, putEntry, putWayOut } from "./stubs.ts";

/**
 * How a program is patched.
 *
 * @example
 * ```ts
 * import type { PatchOptions } from "veelab/hybrid-rewriting";
 * const options: PatchOptions = { counts: "/tmp/counts" };
 * console.log(options.counts);
 * ```
 */
export interface PatchOptions {
  /** The file of the counts, by its absolute path; the program finds it when it starts, of `countsBytes` bytes; where it
   * is not there or shorter, the program ends with status 125 before it does anything. */
  readonly counts: string;
  /** Names of the functions that lock; pthread's when not given. */
  readonly locks?: readonly string[];
  /** Names of the functions that unlock, as in the active runs; pthread's when not given. */
  readonly unlocks?: readonly string[];
}

/**
 * A patched program.
 *
 * @example
 * ```ts
 * import type { Patched } from "veelab/hybrid-rewriting";
 * export const entries = ({ sections }: Patched) => sections.map(({ entry }) => entry);
 * ```
 */
export interface Patched {
  /** The executable file. */
  readonly bytes: Uint8Array;
  /** The size of the file of the counts; it begins as zeros. */
  readonly countsBytes: number;
  /** Bytes of the code that the cache goes to through its pointers: a barrier for each shared access, a way out for each exit that leaves the cache, and the entry. */
  readonly stubBytes: number;
  /** The sections that run from the cache: the call that locks, and what follows it. */
  readonly sections: readonly Section[];
  /** Why others do not, a sentence each. */
  readonly refusals: readonly string[];
}

const programHeaderBytes = 56;
const loadType = 1;
const tableType = 6; // PT_PHDR
const readExecute = 5;
const readWrite = 6;
const pageBytes = 4096;

/**
 * Makes the program of a passive run: each critical section that can is led into the cache by a jump where its code goes on after the lock, and leaves it before
 * the call that unlocks; the mutex itself is taken as ever, so that what runs is what ran before. The barriers count, by
 * access, how often they are called and the sum of the addresses, in a file that the program maps when it starts; {@link readCounts} reads it. The cache
 * is a segment of the program as it is; the pointers of its links are another.
 *
 * @throws SimulationError where no section can run from the cache, with the first one's reason; TraceFormatError for a program that is not linked at a fixed address, and for a cache of another build;
 *   OptionError for a path that is not absolute, or a program without the functions that lock
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import { activeRun, bytesOf, openPic, patchProgram, readImage } from "veelab/hybrid-rewriting";
 * // Writes a cache: call it with a path that may be written.
 * export const patched = async (path: string) => {
 *   const image = await readImage(bytesOf(await open("executions/kernels")), "kernels");
 *   await activeRun(image, await open("executions/transfers"), path);
 *   return patchProgram(image, await openPic(path, image), { counts: `${path}.counts` });
 * };
 * ```
 */
export function patchProgram(image: ProgramImage, pic: Pic, options: PatchOptions): Patched {
  onlyOptions(options, ["counts", "locks", "unlocks"]);
  if (typeof options.counts !== "string" || !isAbsolute(options.counts))
    throw new OptionError("counts", "an absolute path", options.counts);
  if (!image.fixed)
    throw new TraceFormatError(
      { file: image.file, offset: 16, field: "e_type" },
      "expected a program that is linked at a fixed address (2), got one that can be loaded anywhere (3)",
    );
  checkBuild(pic, image);
  const locks = startsOf(image, "locks", options.locks ?? functionNames.locks);
  const unlocks = startsOf(image, "unlocks", options.unlocks ?? functionNames.unlocks);
  const program = decodeProgram(image);
  const sections: Section[] = [];
  const refusals: string[] = [];
  for (const section of sectionsOf(program, locks)) {
    const why = whyNot(program, pic, section, locks, unlocks);
    if (why === undefined) sections.push(section);
    else refusals.push(`the section behind the call at ${hex(section.call)} does not run from the cache: ${why}`);
  }
  if (sections.length === 0)
    throw new SimulationError("hybrid-rewriting", refusals[0] ?? `${image.file} calls no function that locks`);
  return { ...assemble(image, pic, sections, options.counts), sections, refusals };
}

/** The patched file: what was there, then the stubs behind a longer table of segments, the cache, and the pointers with the counters. */
function assemble(
  image: ProgramImage,
  pic: Pic,
  sections: readonly Section[],
  counts: string,
): Pick<Patched, "bytes" | "countsBytes" | "stubBytes"> {
  const old = new DataView(image.bytes.buffer, image.bytes.byteOffset, image.bytes.byteLength);
  const [table, count] = [Number(old.getBigUint64(32, true)), old.getUint16(56, true)];
  const counters = pageAfter(pic.linkBase + pointerBytes * pic.links);
  const countsBytes = pageAfter(counterBytes * Math.max(1, pic.links));

  // The table of segments is where the kernel says it is only if its address and its place in the file agree.
  const bias = biasOf(image);
  const stubsAt = pageAfter(Math.max(image.memoryEnd - bias, image.bytes.length));
  const tableBytes = (count + 3) * programHeaderBytes;
  const name = Buffer.from(`${counts}\0`);
  const stubs = new Emitter(bias + stubsAt + tableBytes + name.length);
  const entry = putEntry(stubs, {
    ...{ name: bias + stubsAt + tableBytes, counters, bytes: countsBytes, original: image.entry },
  });
  const pointers = new BigUint64Array((counters - pic.linkBase) / pointerBytes);
  const counterOf = (link: number): number => counters + counterBytes * link;
  for (const { exits, accesses } of pic.blocks.values()) {
    for (const { link } of accesses)
      if (link !== undefined) pointers[link] = BigInt(putBarrier(stubs, counterOf(link)));
    for (const { kind, link, target } of exits)
      if (link !== undefined) {
        const cached = kind === "leave" ? undefined : pic.blocks.get(target!);
        pointers[link] = BigInt(cached?.address ?? putWayOut(stubs, counterOf(link), target!));
      }
  }
  const code = stubs.take();
  const stubsBytes = tableBytes + name.length + code.length;
  if (bias + stubsAt + stubsBytes > pic.base) {
    const unloaded = image.bytes.length - (image.memoryEnd - bias);
    const byFile = pageAfter(image.memoryEnd) + stubsBytes <= pic.base;
    throw new SimulationError(
      "hybrid-rewriting",
      byFile
        ? `${image.file} has ${unloaded} bytes more than it loads, and the stubs behind them do not fit before the cache at ${hex(pic.base)}: strip its debug information (strip --strip-debug), or make the cache anew of this file`
        : `the stubs of ${pic.links} links do not fit before the cache at ${hex(pic.base)}`,
    );
  }

  const picAt = pageAfter(stubsAt + stubsBytes);
  const dataAt = pageAfter(picAt + pic.bytes.length);
  const dataBytes = counters + countsBytes - pic.linkBase;
  const bytes = Buffer.alloc(dataAt + dataBytes);
  bytes.set(image.bytes);
  for (const { entry: at } of sections) {
    const segment = image.code.find((one) => at >= one.start && at < one.start + one.bytes.length)!;
    const place = segment.offset + at - segment.start;
    bytes[place] = 0xe9;
    bytes.writeInt32LE(pic.blocks.get(at)!.address - (at + patchBytes), place + 1);
  }
  bytes.set(image.bytes.subarray(table, table + count * programHeaderBytes), stubsAt);
  for (let place = stubsAt; place < stubsAt + count * programHeaderBytes; place += programHeaderBytes)
    if (bytes.readUInt32LE(place) === tableType)
      putSegment(bytes, place, tableType, bytes.readUInt32LE(place + 4), stubsAt, bias + stubsAt, tableBytes);
  let place = stubsAt + count * programHeaderBytes;
  for (const [flags, offset, address, size] of [
    [readExecute, stubsAt, bias + stubsAt, stubsBytes],
    [readExecute, picAt, pic.base, pic.bytes.length],
    [readWrite, dataAt, pic.linkBase, dataBytes],
  ] as const) {
    putSegment(bytes, place, loadType, flags, offset, address, size);
    place += programHeaderBytes;
  }
  bytes.set(name, stubsAt + tableBytes);
  bytes.set(code, stubsAt + tableBytes + name.length);
  bytes.set(pic.bytes, picAt);
  bytes.set(Buffer.from(pointers.buffer), dataAt);
  bytes.writeBigUInt64LE(BigInt(entry), 24);
  bytes.writeBigUInt64LE(BigInt(stubsAt), 32);
  bytes.writeUInt16LE(count + 3, 56);
  return { bytes, countsBytes, stubBytes: code.length };
}

/** A program header (System V ABI, chapter 5). */
function putSegment(
  bytes: Buffer,
  place: number,
  type: number,
  flags: number,
  offset: number,
  address: number,
  size: number,
): void {
  bytes.writeUInt32LE(type, place);
  bytes.writeUInt32LE(flags, place + 4);
  for (const [at, value] of [offset, address, address, size, size, pageBytes].entries())
    bytes.writeBigUInt64LE(BigInt(value), place + 8 + 8 * at);
}
