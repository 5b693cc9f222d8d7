import { random } from "../../core/index.ts";

const greys = random("tiles");
/** The library's tiles. */
export const tiles: readonly (readonly number[])[] = Array.from({ length: 200 }, () =>
  Array.from({ length: 64 }, () => greys.int(256)),
);
const library = Int32Array.from(tiles.flat());
/** Tiles in a row of the picture. */
export const across = 20;

/** Mosaic: the tile that is nearest to each of the picture. */
export function tile(input: Int32Array): Int32Array {
  const output = new Int32Array(input.length);
  const width = 8 * across;
  for (let top = 0; top < input.length; top += 8 * width) {
    for (let corner = top; corner < top + width; corner += 8) {
      let [best, least] = [0, Infinity];
      for (let at = 0; at < library.length; at += 64) {
        let apart = 0;
        for (let line = 0; line < 8; line++)
          for (let i = 0; i < 8; i++)
            apart += Math.abs(input[corner + line * width + i]! - library[at + 8 * line + i]!);
        if (apart < least) [best, least] = [at, apart];
      }
      for (let line = 0; line < 8; line++)
        for (let i = 0; i < 8; i++) output[corner + line * width + i] = library[best + 8 * line + i]!;
    }
  }
  return output;
}
