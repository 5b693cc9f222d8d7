import { discard, flush, other, read, write } from "./operations.ts";

/** The block trace's operation of each SCSI operation code (SBC-4): the forms of 6, 10, 12, 16 bytes of each command. */
const operations = new Uint8Array(256).fill(other);
const commands: readonly (readonly [number, readonly number[]])[] = [
  [read, [0x08, 0x28, 0xa8, 0x88]],
  [write, [0x0a, 0x2a, 0xaa, 0x8a]],
  // WRITE AND VERIFY.
  [write, [0x2e, 0xae, 0x8e]],
  // SYNCHRONIZE CACHE.
  [flush, [0x35, 0x91]],
  // UNMAP.
  [discard, [0x42]],
];
for (const [operation, codes] of commands) for (const code of codes) operations[code] = operation;

/** The operation of a SCSI command. Constant time. */
export const scsiOperation = (command: number): number => (command > 0xff ? other : operations[command]!);
