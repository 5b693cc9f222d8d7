import { INotebookShell } from "@jupyter-notebook/application";
import { ILabShell, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import { Widget } from "@lumino/widgets";

import { logoIcon } from "./icons.ts";

/** Jupyter Notebook's header begins with our name, which leads to the files. */
export const notebookLogo: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:notebook-logo",
  autoStart: true,
  requires: [INotebookShell],
  activate(_app: JupyterFrontEnd, shell: INotebookShell) {
    const node = document.createElement("a");
    node.href = URLExt.join(PageConfig.getBaseUrl(), "tree");
    node.title = "Files";
    logoIcon.element({ container: node, height: "22px", width: "auto", elementPosition: "center" });
    node.append("veelab");
    const logo = new Widget({ node });
    // Jupyter's style sheets place what has this name.
    logo.id = "jp-NotebookLogo";
    shell.add(logo, "top", { rank: 0 });
  },
};

/** JupyterLab's menu bar begins with our logo. */
export const labLogo: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:lab-logo",
  autoStart: true,
  requires: [ILabShell],
  activate(_app: JupyterFrontEnd, shell: ILabShell) {
    const logo = new Widget();
    logo.id = "jp-MainLogo";
    logoIcon.element({ container: logo.node, elementPosition: "center", margin: "2px 2px 2px 8px", width: "18px" });
    shell.add(logo, "top", { rank: 0 });
  },
};
