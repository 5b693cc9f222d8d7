import { ILabStatus, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";

/** The browser tab's icon says whether a kernel of the page is busy. */
export const favicon: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:favicon",
  autoStart: true,
  requires: [ILabStatus],
  activate(_app: JupyterFrontEnd, status: ILabStatus) {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link === null) return;
    const iconUrl = (name: string): string => URLExt.join(PageConfig.getBaseUrl(), "static/favicons", name);
    status.busySignal.connect((_, busy) => {
      link.href = iconUrl(busy ? "favicon-busy.svg" : "favicon.svg");
    });
  },
};
