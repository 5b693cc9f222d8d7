import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ISettingRegistry } from "@jupyterlab/settingregistry";

/**
 * Our menu and toolbar buttons are what `schemas/actions.json` says, which Jupyter's plugins read: this only loads it,
 * so that they see it.
 */
export const menus: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:actions",
  autoStart: true,
  requires: [ISettingRegistry],
  async activate(_app: JupyterFrontEnd, settings: ISettingRegistry) {
    await settings.load(menus.id);
  },
};
