import { existsSync } from "node:fs";
import { InputError } from "../run/input-error.ts";
import type { Notebook } from "../run/notebook.ts";
import { writeNotebook } from "../run/write-notebook.ts";

/**
 * Begins a notebook of the kernel veelab: a heading, and a cell.
 *
 * @param file - where; nothing must be there
 * @throws InputError where something is
 */
export async function newNotebook(file: string, title: string): Promise<void> {
  if (existsSync(file)) throw new InputError(`veelab new notebook: expected a new file, got ${file}, which is there`);
  const notebook: Notebook = {
    cells: [
      { cell_type: "markdown", id: "title", metadata: {}, source: `# ${title}` },
      {
        cell_type: "code",
        id: "imports",
        metadata: {},
        source: 'import { catalogue } from "veelab/datasets";\n\nawait catalogue()',
        execution_count: null,
        outputs: [],
      },
    ],
    metadata: { kernelspec: { display_name: "TypeScript (veelab)", language: "typescript", name: "veelab" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
  await writeNotebook(file, notebook);
}
