import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ILauncher } from "@jupyterlab/launcher";

import { category, commandIds } from "./command-ids.ts";

/** The tiles of JupyterLab's launcher that are the laboratory's. */
export const launcherTiles: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:launcher",
  autoStart: true,
  requires: [ILauncher],
  activate(_app: JupyterFrontEnd, launcher: ILauncher) {
    for (const command of [commandIds.reproduceAll, commandIds.bringTrace]) {
      launcher.add({ command, category, categoryRank: 0 });
    }
  },
};
