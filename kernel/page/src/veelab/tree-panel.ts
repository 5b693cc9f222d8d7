import { INotebookTree } from "@jupyter-notebook/tree";
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { CommandToolbarButton } from "@jupyterlab/ui-components";
import { type BoxLayout, Panel, Widget } from "@lumino/widgets";

import { commandIds } from "./command-ids.ts";
import { element } from "./element.ts";

/** What the laboratory offers, above Jupyter Notebook's list of files. */
export const treePanel: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:tree-panel",
  autoStart: true,
  requires: [INotebookTree],
  activate({ commands }: JupyterFrontEnd, tree: INotebookTree) {
    const panel = new Panel();
    panel.addClass("veelab-TreePanel");
    const text = element("p", "Papers on virtualization, re-run from data: open a notebook, or");
    panel.addWidget(new Widget({ node: text }));
    for (const id of [commandIds.reproduceAll, commandIds.bringTrace]) {
      const label = commands.label(id);
      panel.addWidget(new CommandToolbarButton({ commands, id, label, noFocusOnClick: false }));
    }
    (tree.layout as BoxLayout).insertWidget(0, panel);
  },
};
