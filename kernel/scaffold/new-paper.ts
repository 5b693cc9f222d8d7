import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Notebook } from "../run/notebook.ts";
import { committedPapers, verdictTable, withVerdicts } from "../run/report/verdict-table.ts";
import { parseNotebook } from "../run/read-notebook.ts";
import { writeNotebook } from "../run/write-notebook.ts";
import { templateName } from "./paper-name.ts";

/** What is known of the paper; what is not stays a text that says what to fill in. */
export interface PaperDetails {
  readonly title?: string | undefined;
  readonly authors?: string | undefined;
  /** Without its address: `10.1145/1952682.1952700`. */
  readonly doi?: string | undefined;
}

/** Builds published tables, by name, and their catalogue entries; the folder is that of the datasets. */
export type BuildPublished = (folder: string, names: readonly string[]) => Promise<void>;

/**
 * Makes a new system of a clone from the template: its folder in `lib`, its notebook, its published numbers and their catalogue entry, and its
 * line in the README.
 *
 * @returns the files that are new, relative to the clone
 * @throws the file system's error; what was written by then is removed, and the catalogue and the README are as they were
 */
export async function newPaper(
  root: string,
  name: string,
  details: PaperDetails,
  buildPublished: BuildPublished,
): Promise<readonly string[]> {
  const fill = filling(name, details);
  const template = join(root, "lib", templateName);
  const published = join(root, "datasets", "published");
  const written: string[] = [];
  const made: string[] = [];
  const write = async (path: string, text: string): Promise<void> => {
    const first = await mkdir(dirname(join(root, path)), { recursive: true });
    if (first !== undefined) made.push(first);
    await writeFile(join(root, path), text, { flag: "wx" });
    written.push(path);
  };
  const numbers = `datasets/data/published/${name}.arrow`;
  const restore = await contentOf([numbers, "datasets/datapackage.json", "README.md"].map((path) => join(root, path)));
  try {
    for (const file of await filesBelow(template)) {
      if (file === NOTEBOOK) continue;
      await write(`lib/${name}/${file}`, fill(await readFile(join(template, file), "utf8")));
    }
    const notebook = parseNotebook(await readFile(join(template, NOTEBOOK), "utf8"), NOTEBOOK);
    await write(`notebooks/${name}.ipynb`, "");
    await writeNotebook(join(root, "notebooks", `${name}.ipynb`), filledNotebook(notebook, fill));
    await write(`datasets/published/${name}.csv`, await readFile(join(published, `${templateName}.csv`), "utf8"));
    const about = await readFile(join(published, `${templateName}.json`), "utf8");
    await write(`datasets/published/${name}.json`, filledDescription(about, fill, details.doi));
    await buildPublished(join(root, "datasets"), [name]);
    const papers = await committedPapers(join(root, "notebooks"));
    const readme = join(root, "README.md");
    await writeFile(readme, withVerdicts(await readFile(readme, "utf8"), verdictTable(papers)));
    return [...written, numbers];
  } catch (cause) {
    for (const path of written) await rm(join(root, path), { force: true });
    await restore();
    // A folder into which somebody else has put a file meanwhile stays.
    for (const folder of made.reverse()) await removeEmpty(folder);
    throw cause;
  }
}

/** Keeps what files hold, or that they are not there; gives what puts that back. */
async function contentOf(files: readonly string[]): Promise<() => Promise<void>> {
  const held = await Promise.all(
    files.map(async (file) => ({ file, content: await readFile(file).catch(() => undefined) })),
  );
  return async () => {
    for (const { file, content } of held)
      await (content === undefined ? rm(file, { force: true }) : writeFile(file, content));
  };
}

/** Removes a folder and those in it, where no file is in them. */
async function removeEmpty(folder: string): Promise<void> {
  const below = await readdir(folder, { withFileTypes: true });
  for (const entry of below) if (entry.isDirectory()) await removeEmpty(join(folder, entry.name));
  if ((await readdir(folder)).length === 0) await rmdir(folder);
}

const NOTEBOOK = "notebook.ipynb";

/** Every file below a folder, with forward slashes, in order. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

/** Puts the paper's name and what is known of it in place of the template's. */
function filling(name: string, { title, authors, doi }: PaperDetails): (text: string) => string {
  const words = [
    [templateName, name],
    ["Title of the paper", title],
    ["Authors of the paper", authors],
    ["DOI of the paper", doi === undefined ? undefined : `[doi:${doi}](https://doi.org/${doi})`],
  ] as const;
  return (text) =>
    words.reduce(
      (filled, [word, given]) => (given === undefined ? filled : filled.replaceAll(word, () => given)),
      text,
    );
}

/** The notebook's texts and outputs: those name the system where a report collects them. */
function filledNotebook(notebook: Notebook, fill: (text: string) => string): Notebook {
  const cells = notebook.cells.map((cell) => ({ ...cell, source: fill(cell.source) }));
  const filled = cells.map((cell) =>
    cell.cell_type === "code" ? { ...cell, outputs: filledValue(cell.outputs, fill) } : cell,
  );
  return { ...notebook, cells: filled };
}

function filledValue<T>(value: T, fill: (text: string) => string): T {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => (typeof part === "string" ? fill(part) : part)) as T;
}

function filledDescription(text: string, fill: (text: string) => string, doi: string | undefined): string {
  const about = filledValue(JSON.parse(text) as { readonly sources: readonly object[] }, fill);
  const path = doi === undefined ? {} : { path: `https://doi.org/${doi}` };
  const sources = about.sources.map((source) => ({ ...source, ...path }));
  return `${JSON.stringify({ ...about, sources }, undefined, 2)}\n`;
}
