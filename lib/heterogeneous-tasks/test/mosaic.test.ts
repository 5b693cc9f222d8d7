import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { mosaic } from "../index.ts";
import { wholes } from "./run-stream.ts";

describe("Mosaic", () => {
  const made = (
    tiles: readonly (readonly number[])[],
    side: number,
    across: number,
    picture: readonly number[],
  ): number[] => wholes(mosaic(tiles, { side, across }), picture);

  it("by hand: of two tiles that are as near, the first", () => {
    const flat = (grey: number): number[] => [grey, grey, grey, grey];
    // 5 is 2 from 3 and from 7.
    expect(made([flat(9), flat(7), flat(3)], 2, 1, flat(5))).toEqual(flat(7));
    expect(made([flat(9), flat(3), flat(7)], 2, 1, flat(5))).toEqual(flat(3));
  });

  it("is a search over whole blocks", () => {
    const draw = random("mosaic");
    const [side, across, down] = [4, 5, 3];
    const tiles = Array.from({ length: 30 }, () => Array.from({ length: side * side }, () => draw.int(8) * 32));
    const picture = Array.from({ length: side * side * across * down }, () => draw.int(256));
    const at = (x: number, y: number): number => y * side * across + x;
    const expected: number[] = [];
    for (let row = 0; row < down; row++)
      for (let column = 0; column < across; column++) {
        const places = Array.from({ length: side * side }, (_, i) =>
          at(column * side + (i % side), row * side + Math.floor(i / side)),
        );
        const apart_ = tiles.map((tile) =>
          tile.reduce((sum, grey, i) => sum + Math.abs(grey - picture[places[i]!]!), 0),
        );
        const best = tiles[apart_.indexOf(Math.min(...apart_))]!;
        places.forEach((place, i) => (expected[place] = best[i]!));
      }
    expect(made(tiles, side, across, picture)).toEqual(expected);
  });

  it("refuses tiles of another size and no tiles", () => {
    expect(() => mosaic([], { side: 2, across: 1 })).toThrow("tiles: expected one tile or more");
    expect(() => mosaic([[1, 2, 3]], { side: 2, across: 1 })).toThrow("tiles[0]: expected 4 grey values, got 3");
    expect(() => mosaic([[256]], { side: 1, across: 1 })).toThrow(
      "tiles[0][0]: expected a whole number from 0 to 255, got 256",
    );
    expect(() => mosaic([[1]], { side: 0, across: 1 })).toThrow("side: expected a whole number from 1 to 256, got 0");
  });
});
