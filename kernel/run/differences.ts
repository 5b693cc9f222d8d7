import { isJsonObject } from "../protocol/json.ts";
import { type CellDifference, compareOutputs } from "./compare-outputs.ts";
import type { Notebook } from "./notebook.ts";
import { nodeMajor } from "./run-notebook.ts";

/** How a run's outputs differ from those in the file. */
export interface Differences {
  readonly differences: readonly CellDifference[];
  /** The major version of Node that made those in the file, where it is another: numbers are then compared within rounding. */
  readonly anotherNode: number | undefined;
}

/** Compares a run's outputs with those in the file, as strictly as the Node that made these allows. */
export function differencesOf(committed: Notebook, fresh: Notebook): Differences {
  const node = recordedNode(committed);
  const anotherNode = node === nodeMajor() ? undefined : node;
  return { differences: compareOutputs(committed, fresh, { anotherNode: anotherNode !== undefined }), anotherNode };
}

/** The major version of Node that made a notebook's outputs, where this runner made them. */
function recordedNode(notebook: Notebook): number | undefined {
  const veelab = notebook.metadata["veelab"];
  const node = isJsonObject(veelab) ? veelab["node"] : undefined;
  return typeof node === "number" ? node : undefined;
}
