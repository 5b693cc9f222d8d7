import vega, { RenderedVega } from "@jupyterlab/vega5-extension";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";

/**
 * Draws a chart as Jupyter does. One that brings its own white paper, as the laboratory's do, is marked, so that a dark
 * theme can turn it dark by its style sheet: a specification's own colours are stronger than a theme of Vega's.
 */
class PaperChart extends RenderedVega {
  override async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const isOnPaper = Object.values(model.data).some(hasWhiteBackground);
    this.toggleClass("veelab-mod-paper", isOnPaper);
    await super.renderModel(model);
  }
}

function hasWhiteBackground(data: unknown): boolean {
  return typeof data === "object" && data !== null && "background" in data && data.background === "white";
}

export default {
  ...vega,
  rendererFactory: {
    ...(vega as IRenderMime.IExtension).rendererFactory,
    createRenderer: (options: IRenderMime.IRendererOptions) => new PaperChart(options),
  },
};
