import { OptionError } from "../../core/errors.ts";
import { integer } from "../../core/options.ts";
import type { Stream } from "../stream.ts";
import { task } from "../task.ts";
import { value } from "../value.ts";

/**
 * How a picture is cut.
 *
 * @example
 * ```ts
 * import type { MosaicOptions } from "veelab/heterogeneous-tasks";
 * const options: MosaicOptions = { side: 16, across: 40 };
 * console.log(options.side * options.across); // 640
 * ```
 */
export interface MosaicOptions {
  /** The side of a tile, in pixels. */
  readonly side: number;
  /** How many tiles make the width of the picture. */
  readonly across: number;
}

/**
 * A photomosaic: takes a picture's grey values (0 to 255) line by line, `side` lines at a time, and gives it made of tiles. A block of the picture becomes the tile with the least sum of absolute
 * differences, the first of those. Four tasks: lines to blocks, blocks to numbers of tiles, numbers to pixels, blocks to lines.
 *
 * @param tiles - the side's square of grey values each, line by line
 * @throws OptionError for no tile, one of another size, or numbers out of range
 *
 * @example
 * ```ts
 * import { graph, mosaic, run, sink, source } from "veelab/heterogeneous-tasks";
 * const dark = [0, 0, 0, 0];
 * const slope = [0, 255, 0, 255];
 * const picture = graph(source("i32").to(mosaic([dark, slope], { side: 2, across: 2 })).to(sink("i32")));
 * console.log([...run(picture, [9, 9, 50, 200, 9, 9, 80, 240])]); // [ 0, 0, 0, 255, 0, 0, 0, 255 ]
 * ```
 */
export function mosaic(tiles: readonly (readonly number[])[], options: MosaicOptions): Stream {
  const side = integer("side", options.side, { min: 1, max: 256 });
  const across = integer("across", options.across, { min: 1, max: 2 ** 10 });
  const pixels = side * side;
  if (tiles.length === 0) throw new OptionError("tiles", "one tile or more", tiles);
  for (const [at, tile] of tiles.entries()) {
    if (tile.length !== pixels) throw new OptionError(`tiles[${at}]`, `${pixels} grey values`, tile.length);
    for (const [place, grey] of tile.entries()) integer(`tiles[${at}][${place}]`, grey, { min: 0, max: 255 });
  }
  const cut = { side: value("i32", side), across: value("i32", across) };
  const rates = { input: "i32", takes: pixels * across, gives: pixels * across, values: cut } as const;
  const blocks = task({ label: "lines to blocks", ...rates }, (x, y, { side, across }) => {
    for (let block = 0; block < across; block++)
      for (let line = 0; line < side; line++)
        for (let i = 0; i < side; i++) y[(block * side + line) * side + i] = x[(line * across + block) * side + i]!;
  });
  const lines = task({ label: "blocks to lines", ...rates }, (x, y, { side, across }) => {
    for (let block = 0; block < across; block++)
      for (let line = 0; line < side; line++)
        for (let i = 0; i < side; i++) y[(line * across + block) * side + i] = x[(block * side + line) * side + i]!;
  });
  const library = { count: value("i32", tiles.length), size: value("i32", pixels), tiles: value("i32", tiles.flat()) };
  const match = task(
    { label: "match", input: "i32", takes: pixels, values: library },
    (x, y, { count, size, tiles }) => {
      let best = 0;
      let least = 2147483647;
      for (let tile = 0; tile < count; tile++) {
        let apart = 0;
        for (let i = 0; i < size; i++) apart += Math.abs(x[i]! - tiles[size * tile + i]!);
        if (apart < least) {
          best = tile;
          least = apart;
        }
      }
      y[0] = best;
    },
  );
  const draw = task({ label: "draw", input: "i32", gives: pixels, values: library }, (x, y, { count, size, tiles }) => {
    const tile = Math.max(0, Math.min(x[0]!, count - 1));
    for (let i = 0; i < size; i++) y[i] = tiles[size * tile + i]!;
  });
  return blocks.to(match).to(draw).to(lines);
}
