import { NotebookApp } from "@jupyter-notebook/application";
import { PageConfig } from "@jupyterlab/coreutils";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { IServiceManager } from "@jupyterlab/services";
import { PluginRegistry } from "@lumino/coreutils";

import { expose } from "./expose.ts";
import { mimeExtensions } from "./mime-extensions.ts";
import { pluginsOf } from "./plugins.ts";
import type { Requested } from "./selection.ts";
import { notebookPlugins } from "./veelab/notebook-plugins.ts";

/** Runs Jupyter Notebook in the page. */
export async function startNotebook(requested: readonly Requested[]): Promise<void> {
  const mimes = Promise.all(mimeExtensions.map((load) => load()));
  const plugins = [...(await pluginsOf(requested)), ...notebookPlugins(PageConfig.getOption("notebookPage"))];
  const pluginRegistry = new PluginRegistry<NotebookApp>();
  pluginRegistry.registerPlugins(plugins);
  const app = new NotebookApp({
    pluginRegistry,
    serviceManager: await pluginRegistry.resolveRequiredService(IServiceManager),
    mimeExtensions: (await mimes) as unknown as IRenderMime.IExtensionModule[],
  } as NotebookApp.IOptions);
  expose(app);
  await app.start();
}
