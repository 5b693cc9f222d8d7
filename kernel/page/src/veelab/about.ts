import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Dialog, ICommandPalette, showDialog } from "@jupyterlab/apputils";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import { Widget } from "@lumino/widgets";

import { category, commandIds } from "./command-ids.ts";
import { element } from "./element.ts";
import { logoIcon } from "./icons.ts";

/** "About veelab": the version, what it is made of, and under which licences. */
export const about: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:about",
  autoStart: true,
  optional: [ICommandPalette],
  activate({ commands }: JupyterFrontEnd, palette: ICommandPalette | null) {
    commands.addCommand(commandIds.about, {
      label: "About veelab",
      describedBy: { args: { type: "object", properties: {} } },
      async execute() {
        const title = `veelab ${PageConfig.getOption("appVersion")}`;
        await showDialog({ title, body: new Widget({ node: body() }), buttons: [Dialog.okButton({ label: "Close" })] });
      },
    });
    palette?.addItem({ command: commandIds.about, category });
  },
};

function body(): HTMLElement {
  const notices = element("a", "the licences of all parts");
  notices.href = URLExt.join(PageConfig.getBaseUrl(), "static/THIRD-PARTY-NOTICES.txt");
  notices.target = "_blank";
  const text = element(
    "div",
    element("p", "A laboratory for virtualization research: papers re-run from data, cell by cell."),
    element(
      "p",
      "This page is Jupyter Notebook 7 and JupyterLab 4 (BSD-3-Clause, Project Jupyter); see ",
      notices,
      ".",
    ),
  );
  const node = element("div", logoIcon.element({ tag: "span", width: "56px", height: "56px" }), text);
  node.className = "veelab-About";
  return node;
}
