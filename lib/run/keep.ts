import process from "node:process";
import { OptionError } from "../core/errors.ts";
import type { SweepPoints } from "../core/sweep-points.ts";
import type { Outcome } from "./back-end.ts";
import { pointKeys } from "./point-keys.ts";
import type { Prepared } from "./portable.ts";
import { refuseComputedImports } from "./refusals.ts";
import { openStore } from "./store.ts";
import { storeFolder } from "./store-folder.ts";

/** The finished points of a sweep, if it keeps them. */
export interface Kept {
  readonly get: (index: number) => Promise<Outcome | undefined>;
  readonly put: (index: number, value: unknown) => void;
}

const NOTHING: Kept = {
  get: () => Promise.resolve(undefined),
  put: () => undefined,
};

/** Opens what a sweep keeps: nothing, the points in the user's cache, or those in a folder. */
export function keep(prepared: Prepared, points: SweepPoints, axes: readonly string[], store: unknown = false): Kept {
  if (store === false) return NOTHING;
  if (store !== true && (typeof store !== "string" || store === ""))
    throw new OptionError("store", "true, false or a folder", store);
  refuseComputedImports("store", prepared.portable.computedImports);
  const { run, keyOf } = pointKeys(prepared, points);
  const { version, text } = prepared.portable;
  const title = `${axes.join(", ")}: ${text.slice(1).replace(/\s+/g, " ").slice(0, 80)}`;
  const opened = openStore(store === true ? storeFolder() : store, run, { version, title }, (trouble) => {
    process.emitWarning(trouble, "sweep");
  });
  return {
    get: (index) => opened.get(keyOf(index)),
    put: (index, value) => {
      opened.put(keyOf(index), value);
    },
  };
}
