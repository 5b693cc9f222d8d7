import type { Stats } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { InputError } from "../run/input-error.ts";
import type { Reads } from "./reads.ts";

/** What a bundle takes from the folder of its notebooks. */
export interface Gathered {
  /** Paths relative to the folder, with forward slashes, in order: the notebooks are not among them. */
  readonly files: readonly string[];
  /** Datasets that come with veelab: their places in its package. */
  readonly datasets: readonly string[];
}

/** Where things are when a bundle is made. */
export interface Places {
  /** Of the notebooks and all that they read. */
  readonly root: string;
  /** Of veelab's package. */
  readonly veelab: string;
  /** What is taken in whatever speaks against it, as absolute paths. */
  readonly include: readonly string[];
  /** The notebooks, as absolute paths. */
  readonly notebooks: readonly string[];
}

/** A path inside a folder, with forward slashes; undefined for one outside. */
export function inside(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined;
  return way.split(sep).join("/");
}

/** Files of veelab's own package that are code or come with it. */
const OWN = /^(?:dist|kernel|lib|docs|package(?:-lock)?\.json$|datasets\/data(?:\/|package\.json$))/u;
const DATASETS = "datasets/data/";

/** Whether a file is a package's, or veelab's own: such ones are installed. */
export function isInstalled(path: string, veelab: string): boolean {
  const own = inside(veelab, path);
  return path.split(sep).includes("node_modules") || (own !== undefined && OWN.test(own));
}

/**
 * Sorts what a run met: files of the notebooks' folder, datasets of veelab's, and what every run reads.
 *
 * @throws InputError for a file outside of the folder, and for a hidden one: what it holds may not be meant for others
 */
export async function gather({ read, looked, began }: Reads, places: Places): Promise<Gathered> {
  const root = await realpath(places.root);
  const veelab = await realpath(places.veelab);
  const temporary = await realpath(tmpdir());
  const files = new Set<string>();
  const datasets = new Set<string>();
  const notebooks = await Promise.all(places.notebooks.map((path) => realpath(path)));
  for (const [path, wasRead] of [
    ...read.map((each) => [each, true] as const),
    ...looked.map((each) => [each, false] as const),
    ...places.include.map((each) => [each, true] as const),
  ]) {
    const kind = await stat(path).catch(() => undefined);
    if (kind?.isFile() !== true) {
      if (places.include.includes(path)) throw new InputError(`--include: expected a file, got ${path}`);
      continue;
    }
    // The folder may be reached by a link; a file in it that is a link keeps its place.
    const real = join(await realpath(dirname(path)), basename(path));
    if (notebooks.includes(real)) continue;
    const own = inside(veelab, real);
    if (own?.startsWith(DATASETS) === true) datasets.add(own);
    if (isInstalled(real, veelab)) continue;
    const here = inside(root, real);
    // A link shows what it leads to, which the same rules hold for.
    const target = await realpath(path);
    const shown = inside(root, target);
    const isIncluded = here !== undefined && places.include.includes(path);
    if (isIncluded) files.add(here);
    else if (here !== undefined && shown !== undefined) {
      if (/(?:^|\/)\./u.test(`${here}/${shown}`)) refuseHidden(real, wasRead);
      else files.add(here);
    } else if (wasRead && !isSystems(target) && (inside(temporary, target) === undefined || isOlder(kind, began)))
      throw new InputError(
        `${real}: expected files in ${root}, which a bundle takes along, got one outside that a notebook reads (move it there, or name a folder around both by --root)`,
      );
  }
  return { files: [...files].sort(), datasets: [...datasets].sort() };
}

/** What the operating system makes as it is asked. */
const isSystems = (path: string): boolean =>
  ["/proc", "/sys", "/dev"].some((folder) => inside(folder, path) !== undefined);

/** Whether a temporary file was there before a run, and is none that the run itself made. */
const isOlder = ({ birthtimeMs, mtimeMs }: Stats, began: number): boolean => Math.max(birthtimeMs, mtimeMs) < began;

function refuseHidden(path: string, wasRead: boolean): void {
  if (wasRead)
    throw new InputError(
      `${path}: expected no hidden file, which may hold what is not for others, got one that a notebook reads (--include takes it along)`,
    );
}

/** The folder around all files. */
export function folderAround(files: readonly string[]): string {
  let folder = dirname(files[0]!);
  while (files.some((file) => inside(folder, file) === undefined)) folder = dirname(folder);
  return folder;
}

/** The nearest file of a name in a folder or above it, as its path and its text; undefined where there is none. */
export async function nearest(folder: string, name: string): Promise<{ path: string; text: string } | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name);
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) return { path, text };
    if (dirname(at) === at) return undefined;
  }
}
