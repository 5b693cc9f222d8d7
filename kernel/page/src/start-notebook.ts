import { NotebookApp } from "@jupyter-notebook/application";
import { PageConfig } from "@jupyterlab/coreutils";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { IServiceManager } from "@jupyterlab/services";
import { PluginRegistry } from "@lumino/coreutils";

import { expose } from "./expose.ts";
import { mimeExtensions } from "./mime-extensions.ts";
import { pluginsOf } from "./plugins.ts";
import type { Requested } from "./selection.ts";
import { ourNotebookPlugins } from "./veelab/plugins.ts";

/** Runs Jupyter Notebook in the page. */
export async function startNotebook(requested: readonly Requested[]): Promise<void> {
  const mimes = Promise.all(mimeExtensions.map((load) => load()));
  const view = PageConfig.getOption("notebookPage");
  // The file browser goes to this path with a command that only the page of files has.
  if (view !== "tree") PageConfig.setOption("treePath", "");
  const plugins = [...(await pluginsOf(requested)), ...ourNotebookPlugins(view)];
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
