import { JupyterLab } from "@jupyterlab/application";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { IConnectionStatus, IServiceManager } from "@jupyterlab/services";
import { PluginRegistry } from "@lumino/coreutils";

import { expose } from "./expose.ts";
import { mimeExtensions } from "./mime-extensions.ts";
import { pluginsOf } from "./plugins.ts";
import type { Requested } from "./selection.ts";
import { ourLabPlugins } from "./veelab/plugins.ts";

/** Runs JupyterLab in the page. */
export async function startLab(requested: readonly Requested[]): Promise<void> {
  const mimes = Promise.all(mimeExtensions.map((load) => load()));
  const plugins = [...(await pluginsOf(requested)), ...ourLabPlugins];
  const pluginRegistry = new PluginRegistry<JupyterLab>();
  pluginRegistry.registerPlugins(plugins);
  const app = new JupyterLab({
    pluginRegistry,
    serviceManager: await pluginRegistry.resolveRequiredService(IServiceManager),
    connectionStatus: await pluginRegistry.resolveRequiredService(IConnectionStatus),
    mimeExtensions: (await mimes) as unknown as IRenderMime.IExtensionModule[],
  } as JupyterLab.IOptions);
  expose(app);
  await app.start({ bubblingKeydown: true });
}
