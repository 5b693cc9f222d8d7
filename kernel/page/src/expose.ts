import type { JupyterFrontEnd } from "@jupyterlab/application";
import { PageConfig } from "@jupyterlab/coreutils";

/** Lets tests of the page reach the application, where the server says so: Jupyter's own option. */
export function expose(app: JupyterFrontEnd): void {
  if (PageConfig.getOption("exposeAppInBrowser").toLowerCase() !== "true") return;
  Object.assign(window, { jupyterapp: app });
}
