import { INotebookShell } from "@jupyter-notebook/application";
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ConsolePanel } from "@jupyterlab/console";
import { PathExt } from "@jupyterlab/coreutils";
import { DocumentWidget } from "@jupyterlab/docregistry";

/** The browser tab of a Jupyter Notebook page is named after its document, then after the product. */
export const windowTitle: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:window-title",
  autoStart: true,
  requires: [INotebookShell],
  activate(_app: JupyterFrontEnd, shell: INotebookShell) {
    const show = (path: string): void => {
      document.title = `${PathExt.basename(path).replace(/\.ipynb$/u, "")} · veelab`;
    };
    const followed = new WeakSet<object>();
    const follow = (): void => {
      const { currentWidget: current } = shell;
      if (current instanceof DocumentWidget) {
        show(current.context.path);
        if (!followed.has(current)) current.context.pathChanged.connect((_, path) => show(path));
      } else if (current instanceof ConsolePanel) {
        show(current.sessionContext.name);
        if (!followed.has(current)) current.sessionContext.propertyChanged.connect(({ name }) => show(name));
      }
      if (current !== null) followed.add(current);
    };
    shell.currentChanged.connect(follow);
    follow();
  },
};
