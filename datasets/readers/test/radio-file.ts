/** A station's address. */
export const mac = (last: number): number[] => [2, 0, 0, 0, 0, last];
/** The second station's. */
export const station: number[] = mac(2);

/** Type and subtype, flags, duration, then what is given. */
export const frame = (
  type: number,
  subtype: number,
  flags: number,
  duration: number,
  ...rest: readonly number[]
): number[] => [(subtype << 4) | (type << 2), flags, duration & 255, duration >> 8, ...rest];

/** Numbers of four bytes. */
export const words = (little: boolean, ...values: readonly number[]): number[] =>
  values.flatMap((value) => {
    const bytes = Buffer.alloc(4);
    if (little) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return [...bytes];
  });

/** A pcap file of frames, a second apart and each a microsecond later in its own. */
export function pcapFile(
  linkType: number,
  frames: readonly (readonly number[])[],
  little = true,
  magic = 0xa1b2c3d4,
): Uint8Array {
  const unit = magic === 0xa1b2c3d4 ? 1 : 1000;
  return Uint8Array.from([
    ...words(little, magic, little ? 0x00040002 : 0x00020004, 0, 0, 65535, linkType),
    ...frames.flatMap((bytes, at) => [
      ...words(little, 1_700_000_000 + at, at * unit, bytes.length, bytes.length),
      ...bytes,
    ]),
  ]);
}
