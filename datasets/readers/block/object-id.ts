import { sectorBytes } from "./operations.ts";

/** The offset in bytes of the sector that an object's number of 64 bits is; NaN where it is 2^53 or more: a hash is no place. */
export function placeOf(low: number, high: number): number {
  const offset = (high * 0x100000000 + low) * sectorBytes;
  return offset <= Number.MAX_SAFE_INTEGER ? offset : Number.NaN;
}
