import { PathExt } from "@jupyterlab/coreutils";
import type { Contents, KernelSpec } from "@jupyterlab/services";

import { traceCells } from "./cells.ts";
import { stemOf } from "./formats.ts";

/**
 * Makes a notebook about a trace next to it.
 *
 * @returns the notebook's path, which was free
 */
export async function makeNotebook(
  tracePath: string,
  contents: Contents.IManager,
  specs: KernelSpec.ISpecModels | null,
): Promise<string> {
  const file = PathExt.basename(tracePath);
  const folder = PathExt.dirname(tracePath);
  const path = PathExt.join(folder, await freeName(stemOf(file), folder, contents));
  await contents.save(path, { type: "notebook", format: "json", content: notebook(file, specs) });
  return path;
}

async function freeName(stem: string, folder: string, contents: Contents.IManager): Promise<string> {
  const { content } = await contents.get(folder, { content: true });
  const taken = new Set((content as Contents.IModel[]).map(({ name }) => name));
  for (let number = 1; ; number++) {
    const name = `${stem}${number === 1 ? "" : `-${number}`}.ipynb`;
    if (!taken.has(name)) return name;
  }
}

function notebook(file: string, specs: KernelSpec.ISpecModels | null): unknown {
  const name = specs?.default ?? "veelab";
  const spec = specs?.kernelspecs[name];
  return {
    cells: traceCells(file, stemOf(file)).map(({ type, source }, at) => ({
      cell_type: type,
      id: `trace-${at}`,
      metadata: {},
      source,
      ...(type === "code" ? { execution_count: null, outputs: [] } : {}),
    })),
    metadata: {
      kernelspec: {
        name,
        display_name: spec?.display_name ?? "TypeScript (veelab)",
        language: spec?.language ?? "typescript",
      },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}
