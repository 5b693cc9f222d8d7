import { createHash } from "node:crypto";
import type { SweepPoints } from "../core/sweep-points.ts";
import type { Prepared } from "./portable.ts";

/** Under what the finished points of a sweep are kept. */
export interface PointKeys {
  /** Of all that every point depends on: the code's version, the run function, what it shares and imports. */
  readonly run: string;
  /** Of a point: its parameters and the seed. The axes may grow, shrink or change their order. */
  readonly keyOf: (index: number) => string;
}

/** The keys of a sweep's points. Linear in the texts; then constant time a point. */
export function pointKeys({ portable, axisTexts, usesIndex }: Prepared, points: SweepPoints): PointKeys {
  const run = hashOf([FORMAT, portable.hash, portable.importsHash]);
  return {
    run,
    keyOf(index) {
      const { coordinates } = points.at(index);
      const texts = points.placesOf(index).map((place, axis) => axisTexts[axis]?.[place] ?? "");
      // A function that looks at its point's place in the sweep depends on it.
      return hashOf([portable.seed, typeof portable.seed, coordinates, texts, usesIndex ? index : null]);
    },
  };
}

/** To be raised when the form of stored points changes. */
const FORMAT = 1;

const hashOf = (parts: readonly unknown[]): string => createHash("sha256").update(JSON.stringify(parts)).digest("hex");
