// The entry of Jupyter Notebook's pages: it asks for all scripts at once, then starts the application.
import "./style/notebook.ts";

import { notebookPlugins } from "./notebook-plugins.ts";
import { pageOption } from "./page-option.ts";
import { request } from "./selection.ts";

const view = pageOption("notebookPage");
const requested = request(
  notebookPlugins.everywhere,
  ...(view === "tree" || view === "notebooks" || view === "consoles" || view === "edit" ? [notebookPlugins[view]] : []),
);
void import(/* webpackChunkName: "core" */ "./start-notebook.ts").then(({ startNotebook }) => startNotebook(requested));
