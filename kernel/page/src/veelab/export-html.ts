import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, showErrorMessage } from "@jupyterlab/apputils";
import { PathExt, URLExt } from "@jupyterlab/coreutils";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { ServerConnection } from "@jupyterlab/services";

import { category, commandIds } from "./command-ids.ts";
import { exportHtmlIcon } from "./icons.ts";
import { saveAs } from "./save-as.ts";

/** "Export HTML": the notebook, saved first, as one page that needs neither kernel nor network. */
export const exportHtml: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:export-html",
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette],
  activate(app: JupyterFrontEnd, notebooks: INotebookTracker, palette: ICommandPalette | null) {
    const { commands, serviceManager, shell } = app;
    const isEnabled = (): boolean =>
      notebooks.currentWidget !== null && notebooks.currentWidget === shell.currentWidget;
    commands.addCommand(commandIds.exportHtml, {
      label: "Export HTML",
      caption: "Save the notebook and download it as one HTML page, with its outputs and live charts",
      icon: exportHtmlIcon,
      isEnabled,
      describedBy: { args: { type: "object", properties: {} } },
      async execute() {
        const notebook = notebooks.currentWidget;
        if (notebook === null) return;
        try {
          await download(notebook, serviceManager.serverSettings);
        } catch (error) {
          await showErrorMessage("The notebook was not exported", error as Error);
        }
      },
    });
    // The toolbar shows whether the command can be used.
    shell.currentChanged?.connect(() => commands.notifyCommandChanged(commandIds.exportHtml));
    palette?.addItem({ command: commandIds.exportHtml, category });
  },
};

async function download({ context }: NotebookPanel, settings: ServerConnection.ISettings): Promise<void> {
  if (context.model.dirty) await context.save();
  const url = URLExt.join(settings.baseUrl, "nbconvert/html", URLExt.encodeParts(context.localPath));
  const response = await ServerConnection.makeRequest(`${url}?download=true`, {}, settings);
  if (!response.ok) throw await ServerConnection.ResponseError.create(response);
  const name = PathExt.basename(context.localPath).replace(/\.ipynb$/u, "");
  saveAs(await response.blob(), `${name}.html`);
}
