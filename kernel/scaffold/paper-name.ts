import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "../run/input-error.ts";

/** The system that every new one begins as a copy of. */
export const templateName = "paper-template";

/**
 * The clone of veelab that a folder lies in.
 *
 * @throws InputError where it lies in none
 */
export function cloneAround(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "lib", templateName, "index.ts")) && packageName(at) === "veelab") return at;
    if (dirname(at) === at)
      throw new InputError(
        `veelab new paper: expected a folder in a clone of veelab, got ${folder} (elsewhere, veelab new notebook NAME begins a notebook)`,
      );
  }
}

function packageName(folder: string): unknown {
  const manifest = join(folder, "package.json");
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, "utf8")) as { name?: unknown }).name : undefined;
}

/** Names that mean something else in the repository, or on Windows. */
const RESERVED = ["bench", "core", "datasets", "dist", "kernel", "page", "run", "test"].concat([
  "aux",
  "con",
  "nul",
  "prn",
]);

/**
 * Checks the name of a new system: kebab-case, with nothing of that name in the clone.
 *
 * @throws InputError which says what is in the way
 */
export function checkPaperName(root: string, name: string): void {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u.test(name) || name.length > 40)
    throw new InputError(
      `veelab new paper: expected a name in kebab-case of at most 40 letters, as live-migration, got ${JSON.stringify(name)}`,
    );
  if (RESERVED.includes(name))
    throw new InputError(`veelab new paper: expected a name that means nothing else here, got ${JSON.stringify(name)}`);
  const ofNumbers = ["published/NAME.csv", "published/NAME.json", "data/published/NAME.arrow"];
  const taken = ["lib/NAME", "notebooks/NAME.ipynb", ...ofNumbers.map((path) => `datasets/${path}`)]
    .map((path) => path.replace("NAME", name))
    .find((path) => existsSync(join(root, path)));
  if (taken !== undefined)
    throw new InputError(`veelab new paper: expected a new name, got ${JSON.stringify(name)}: ${taken} is there`);
}
