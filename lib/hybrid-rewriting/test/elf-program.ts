import { elfFile } from "../../../datasets/readers/test/elf-file.ts";
import { type ProgramImage, readImage } from "../index.ts";

/** Where the code of {@link codeFile} is. */
export const codeStart = 0x401000;

/** An executable whose only segment is this code, without symbols. */
export function codeFile(code: readonly number[]): Uint8Array {
  const content = Uint8Array.from(code);
  const file = elfFile({ type: 2, segments: [{ type: 1, flags: 5, virtual: codeStart, content }] });
  const view = new DataView(file.buffer, file.byteOffset);
  view.setUint16(18, 62, true);
  view.setBigUint64(24, BigInt(codeStart), true);
  return file;
}

/** The image of an executable with this code. */
export const codeImage = (...code: number[]): Promise<ProgramImage> => readImage(codeFile(code), "code");
