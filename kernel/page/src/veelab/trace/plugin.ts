import { INotebookPathOpener } from "@jupyter-notebook/application";
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Dialog, ICommandPalette, showDialog, showErrorMessage } from "@jupyterlab/apputils";
import { PageConfig, PathExt, URLExt } from "@jupyterlab/coreutils";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import type { Contents } from "@jupyterlab/services";

import { category, commandIds } from "../command-ids.ts";
import { traceIcon } from "../icons.ts";
import { progressNotice } from "../progress-notice.ts";
import { isTrace } from "./formats.ts";
import { makeNotebook } from "./notebook.ts";
import { type Choice, TraceChooser } from "./trace-chooser.ts";
import { upload } from "./upload.ts";

/** "Bring your own trace": takes a file and makes a notebook that shows what is in it. */
export const bringTrace: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:bring-trace",
  autoStart: true,
  requires: [IDocumentManager],
  optional: [IDefaultFileBrowser, ICommandPalette, INotebookPathOpener],
  activate(
    app: JupyterFrontEnd,
    documents: IDocumentManager,
    browser: IDefaultFileBrowser | null,
    palette: ICommandPalette | null,
    tabs: INotebookPathOpener | null,
  ) {
    const { commands, serviceManager, shell } = app;
    const { contents } = serviceManager;
    const currentFolder = (): string => {
      const document = shell.currentWidget === null ? undefined : documents.contextForWidget(shell.currentWidget);
      return document === undefined ? (browser?.model.path ?? "") : PathExt.dirname(document.path);
    };
    const bring = async (folder: string): Promise<void> => {
      const choice = await choose(folder, contents);
      if (choice === undefined) return;
      const tracePath =
        "file" in choice ? await bringFile(choice.file, folder, contents) : PathExt.join(folder, choice.name);
      if (tracePath === undefined) return;
      await serviceManager.kernelspecs.ready;
      const path = await makeNotebook(tracePath, contents, serviceManager.kernelspecs.specs);
      void browser?.model.refresh();
      const prefix = URLExt.join(PageConfig.getBaseUrl(), "notebooks");
      // JupyterLab opens it in the page, Jupyter Notebook in a tab of its own.
      if (tabs === null) documents.openOrReveal(path);
      else await openTab(path, () => tabs.open({ prefix, path }));
    };
    commands.addCommand(commandIds.bringTrace, {
      label: "Bring your own trace",
      caption:
        "Upload a trace of any format that veelab reads, with a new notebook that opens, describes and charts it",
      icon: traceIcon,
      describedBy: {
        args: { type: "object", properties: { cwd: { type: "string", description: "The folder to bring it to." } } },
      },
      async execute({ cwd }) {
        try {
          await bring(typeof cwd === "string" ? cwd : currentFolder());
        } catch (error) {
          await showErrorMessage("The trace was not brought", error as Error);
        }
      },
    });
    palette?.addItem({ command: commandIds.bringTrace, category });
  },
};

async function choose(folder: string, contents: Contents.IManager): Promise<Choice | undefined> {
  const { content } = await contents.get(folder, { content: true });
  const files = (content as Contents.IModel[]).filter(({ type }) => type === "file");
  const there = files.map(({ name }) => name).filter(isTrace);
  const { value } = await showDialog({
    title: "Bring your own trace",
    body: new TraceChooser(folder === "" ? "the top folder" : folder, there),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: "Make the notebook" })],
    focusNodeSelector: "button",
  });
  return value ?? undefined;
}

/** @returns its path; undefined where a file of that name is to be kept */
async function bringFile(file: File, folder: string, contents: Contents.IManager): Promise<string | undefined> {
  if (!(await mayWrite(file.name, folder, contents))) return undefined;
  const notice = progressNotice(`Uploading ${file.name}`);
  try {
    const path = await upload(file, folder, contents, (share) => notice.show(`Uploading ${file.name}`, share));
    notice.end("success", `${file.name} is there.`);
    return path;
  } catch (error) {
    notice.end("error", `${file.name} was not uploaded.`);
    throw error;
  }
}

async function mayWrite(name: string, folder: string, contents: Contents.IManager): Promise<boolean> {
  const { content } = await contents.get(folder, { content: true });
  if (!(content as Contents.IModel[]).some((each) => each.name === name)) return true;
  const { button } = await showDialog({
    title: "Replace the file?",
    body: `${name} is in this folder already.`,
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: "Replace" })],
  });
  return button.accept;
}

/** Opens a tab, for which the browser wants a click that is not long past. */
async function openTab(path: string, open: () => unknown): Promise<void> {
  if (navigator.userActivation.isActive) {
    open();
    return;
  }
  const { button } = await showDialog({
    title: "The notebook is made",
    body: path,
    buttons: [Dialog.cancelButton({ label: "Close" }), Dialog.okButton({ label: "Open it" })],
  });
  if (button.accept) open();
}
