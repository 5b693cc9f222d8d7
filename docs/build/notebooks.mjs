import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Converter, DocumentReflection, KindRouter, ReflectionKind, RendererEvent } from "typedoc";
import { built } from "./built.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "notebooks");
const pageOf = (file) => `notebooks/${basename(file, ".ipynb")}.html`;

const names = readdirSync(folder)
  .filter((file) => file.endsWith(".ipynb"))
  .map((file) => basename(file, ".ipynb"));

/** A plugin of TypeDoc: each notebook, with the outputs that are committed, as a page of the site. None is run. */
export function notebookPages(app) {
  app.renderer.defineRouter("notebooks", NotebookRouter);
  // Its texts are a document below "Notebooks", for the search and the navigation; that document's page is the notebook.
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
    if (page.name !== "Notebooks" || !page.parent.isProject()) return;
    for (const name of names) {
      const { cells } = JSON.parse(readFileSync(join(folder, `${name}.ipynb`), "utf8"));
      const texts = cells
        .filter(({ cell_type: type }) => type === "markdown")
        .map(({ source }) => [source].flat().join(""));
      const child = new DocumentReflection(name, page, [{ kind: "text", text: texts.join("\n\n") }], {});
      page.addChild(child);
      page.project.registerReflection(child);
    }
  });
  app.renderer.on(RendererEvent.BEGIN, () => {
    app.renderer.postRenderAsyncJobs.push(async ({ outputDirectory, project }) => {
      const { exportHtml, parseNotebook } = await built("kernel/index.js");
      const pages = new Map(
        project
          .getReflectionsByKind(ReflectionKind.Document)
          .map((page) => [project.files.getReflectionPath(page), app.renderer.router.getFullUrl(page)]),
      );
      pages.set(join(root, "README.md"), "index.html");
      mkdirSync(join(outputDirectory, "notebooks"), { recursive: true });
      for (const name of names) {
        const file = join(folder, `${name}.ipynb`);
        const model = pages.get(join(root, "lib", name, "PAPER.md"));
        const html = await exportHtml(parseNotebook(readFileSync(file, "utf8"), file), {
          title: `${name}.ipynb`,
          folder,
          before:
            '<p><a href="../index.html">veelab</a> / <a href="../documents/Notebooks.html">Notebooks</a>' +
            (model === undefined ? "" : ` · <a href="../${model}">the model</a>`) +
            "</p>\n",
        });
        writeFileSync(join(outputDirectory, pageOf(file)), toPages(html, file, pages));
      }
    });
  });
  // Notebooks that are linked were copied; the links lead to their pages.
  app.renderer.on(
    RendererEvent.END,
    ({ outputDirectory, project }) => {
      for (const [name] of project.files.getNameToAbsoluteMap())
        if (name.endsWith(".ipynb")) rmSync(join(outputDirectory, "media", name), { force: true });
    },
    -50,
  );
}

/** A notebook's page lies where its links expect it. */
class NotebookRouter extends KindRouter {
  getIdealBaseName(reflection) {
    const isNotebook = reflection.parent?.name === "Notebooks" && names.includes(reflection.name);
    return isNotebook ? `notebooks/${reflection.name}` : super.getIdealBaseName(reflection);
  }
}

/** A notebook's links to other notebooks and to Markdown files, as links to their pages. */
function toPages(html, file, pages) {
  return html.replaceAll(/(<a href=")([^":#]+\.(?:ipynb|md))(?=["#])/g, (_, before, href) => {
    const target = resolve(dirname(file), decodeURIComponent(href));
    return `${before}../${target.endsWith(".ipynb") ? pageOf(target) : (pages.get(target) ?? href)}`;
  });
}

/** A plugin of markdown-it: a link to a notebook's file leads to its page. */
export function linkNotebooks(parser) {
  const next =
    parser.renderer.rules.link_open ?? ((tokens, at, options, _, self) => self.renderToken(tokens, at, options));
  parser.renderer.rules.link_open = (tokens, at, options, env, self) => {
    const href = tokens[at].attrGet("href");
    tokens[at].attrSet("href", href.replace(/(^|\/)media\/([\w-]+)\.ipynb$/, "$1notebooks/$2.html"));
    return next(tokens, at, options, env, self);
  };
}
