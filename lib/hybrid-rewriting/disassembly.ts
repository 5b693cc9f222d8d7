import { type Table, tableFromArrays } from "apache-arrow";
import { Decoder, DecoderOptions, Formatter, FormatterSyntax } from "iced-x86";
import { OptionError } from "../core/errors.ts";
import { hex } from "./decode.ts";
import type { ProgramImage } from "./image.ts";
import { pointerBytes } from "./instrument.ts";
import { checkBuild, type Pic } from "./pic-file.ts";

/**
 * A block as it was and as the cache holds it, an instruction a row: `code` (original or cached), `address`, `bytes`, `instruction` (NASM's
 * syntax), and `through`, what the pointer is for that it goes through: a barrier, or an exit. Linear in the block.
 *
 * @throws OptionError for a block that is not in the cache; TraceFormatError for a cache of another build
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { open } from "veelab/datasets";
 * import { activeRun, bytesOf, disassembly, openPic, readImage } from "veelab/hybrid-rewriting";
 * const image = await readImage(bytesOf(await open("executions/kernels")), "kernels");
 * const path = join(await mkdtemp(join(tmpdir(), "pic-")), "kernels.pic");
 * await activeRun(image, await open("executions/transfers"), path);
 * const move = image.functions.find(({ name }) => name === "move")!;
 * console.log(disassembly(image, await openPic(path, image), move.start).numRows);
 * ```
 */
export function disassembly(image: ProgramImage, pic: Pic, start: number): Table {
  checkBuild(pic, image);
  const block = pic.blocks.get(start);
  if (block === undefined)
    throw new OptionError("start", `the address of one of the ${pic.blocks.size} blocks in ${pic.file}`, start);
  const segment = image.code.find((one) => start >= one.start && block.end <= one.start + one.bytes.length)!;
  const through = new Map<number, string>();
  for (const { pc, write, size, link } of block.accesses)
    if (link !== undefined) through.set(link, `barrier: ${write ? "write" : "read"} of ${size} bytes by ${hex(pc)}`);
  for (const { kind, target, link } of block.exits)
    if (link !== undefined) through.set(link, `exit: ${kind}, ${hex(target!)}`);
  const original = segment.bytes.subarray(start - segment.start, block.end - segment.start);
  const rows = [
    ...rowsOf("original", original, start, () => ""),
    ...rowsOf(
      "cached",
      block.code,
      block.address,
      (pointer) => through.get((pointer - pic.linkBase) / pointerBytes) ?? "",
    ),
  ];
  const column = (at: 0 | 1 | 2 | 3 | 4): string[] => rows.map((row) => row[at]);
  return tableFromArrays({
    ...{ code: column(0), address: column(1), bytes: column(2), instruction: column(3), through: column(4) },
  });
}

type Row = readonly [code: string, address: string, bytes: string, instruction: string, through: string];

function rowsOf(code: string, bytes: Uint8Array, start: number, through: (pointer: number) => string): Row[] {
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  decoder.ip = BigInt(start);
  const formatter = new Formatter(FormatterSyntax.Nasm);
  formatter.hexPrefix = "0x";
  formatter.hexSuffix = "";
  formatter.uppercaseHex = false;
  formatter.branchLeadingZeros = false;
  const rows: Row[] = [];
  while (decoder.canDecode) {
    const at = decoder.position;
    const instruction = decoder.decode();
    const own = Buffer.from(bytes.subarray(at, decoder.position)).toString("hex");
    const pointer = instruction.isIpRelMemoryOperand ? Number(instruction.ipRelMemoryAddress) : 0;
    rows.push([code, hex(start + at), own, formatter.format(instruction), through(pointer)]);
    instruction.free();
  }
  formatter.free();
  decoder.free();
  return rows;
}
