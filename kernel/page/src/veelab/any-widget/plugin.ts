import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IJupyterWidgetRegistry } from "@jupyter-widgets/base";

/** Shows widgets whose front end is a module of the notebook's own, as the package anywidget does. */
export const anyWidget: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:any-widget",
  description: "Shows widgets whose front end is a module of the notebook's own",
  autoStart: true,
  requires: [IJupyterWidgetRegistry],
  activate: (_: JupyterFrontEnd, registry: IJupyterWidgetRegistry) => {
    registry.registerWidget({
      name: "anywidget",
      version: "0.11.0",
      exports: async () => {
        const { AnyModel, AnyView } = await import("./any-widget.ts");
        return { AnyModel, AnyView };
      },
    });
  },
};
