import { about } from "./about.ts";
import { anyWidget } from "./any-widget/plugin.ts";
import { exportHtml } from "./export-html.ts";
import { favicon } from "./favicon.ts";
import { launcherTiles } from "./launcher.ts";
import { labLogo, notebookLogo } from "./logo.ts";
import { menus } from "./menus.ts";
import { reproduceAll } from "./reproduce/plugin.ts";
import { bringTrace } from "./trace/plugin.ts";
import { treePanel } from "./tree-panel.ts";
import { windowTitle } from "./window-title.ts";

const shared = [about, anyWidget, bringTrace, exportHtml, favicon, menus, reproduceAll];

/** Our plugins of a Jupyter Notebook page. */
export function ourNotebookPlugins(view: string) {
  return [...shared, notebookLogo, windowTitle, ...(view === "tree" ? [treePanel] : [])];
}

/** Our plugins of JupyterLab. */
export const ourLabPlugins = [...shared, labLogo, launcherTiles];
