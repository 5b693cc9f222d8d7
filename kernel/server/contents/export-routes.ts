import { exportHtml } from "../../run/html/export-html.ts";
import type { Notebook } from "../../run/notebook.ts";
import { formatNotebook } from "../../run/write-notebook.ts";
import { HttpError, json, type Route } from "../http/route.ts";
import { shown, splitPath } from "./api-path.ts";
import { attachment } from "./attachment.ts";
import type { Contents } from "./contents.ts";
import { notebookScript, scriptEnding } from "./script.ts";

/** What a notebook can be made into. */
interface ExportFormat {
  readonly mimeType: string;
  readonly ending: (notebook: Notebook) => string;
  /** @param folder the notebook's, whose images it may show */
  readonly make: (notebook: Notebook, title: string, folder: string) => string | Promise<string>;
}

const FORMATS: ReadonlyMap<string, ExportFormat> = new Map(
  Object.entries({
    html: {
      mimeType: "text/html",
      ending: () => ".html",
      make: (notebook, title, folder) => exportHtml(notebook, { title, folder }),
    },
    notebook: { mimeType: "application/json", ending: () => ".ipynb", make: formatNotebook },
    script: { mimeType: "text/plain", ending: scriptEnding, make: notebookScript },
  } satisfies Record<string, ExportFormat>),
);

/** Notebooks as other documents, where Jupyter's front end asks nbconvert for them. */
export function exportRoutes(contents: Contents): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/api/nbconvert",
      answer: () =>
        json(Object.fromEntries(Array.from(FORMATS, ([name, { mimeType }]) => [name, { output_mimetype: mimeType }]))),
    },
    {
      method: "GET",
      path: "/nbconvert/:format/*path",
      policy: "export",
      async answer({ params, url }) {
        const path = params["path"]!;
        const format = FORMATS.get(params["format"]!);
        if (format === undefined)
          throw new HttpError(
            404,
            `expected a format of ${Array.from(FORMATS.keys()).join(", ")}, got ${shown(params["format"]!)}`,
          );
        const { notebook, folder } = await contents.notebook(path);
        const title = splitPath(path).name.replace(/\.ipynb$/u, "");
        const body = await format.make(notebook, title, folder);
        const download = url.searchParams.get("download")?.toLowerCase() === "true";
        return {
          status: 200,
          headers: {
            "content-type": `${format.mimeType}; charset=utf-8`,
            ...(download ? { "content-disposition": attachment(title + format.ending(notebook)) } : {}),
          },
          body,
        };
      },
    },
  ];
}
