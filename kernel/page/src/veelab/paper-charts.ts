import vega, { RenderedVega } from "@jupyterlab/vega5-extension";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";

/**
 * Draws a chart as Jupyter does, when it comes near the window: until then its picture stands there, since the charts of
 * a whole paper, drawn at once, keep the page from taking a key for seconds. One that brings its own white paper, as the
 * laboratory's do, is marked, so that a dark theme can turn it dark by its style sheet: a specification's own colours
 * are stronger than a theme of Vega's.
 */
class PaperChart extends RenderedVega {
  #awaited: IntersectionObserver | undefined;

  override async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const isOnPaper = Object.values(model.data).some(hasWhiteBackground);
    this.toggleClass("veelab-mod-paper", isOnPaper);
    this.#awaited?.disconnect();
    const picture = model.data["image/png"];
    // A chart that is there already is drawn over at once: it is being looked at.
    const isNew = this.node.childElementCount === 0;
    if (typeof picture === "string" && isNew) this.#wait(model, picture);
    else await super.renderModel(model);
  }

  #wait(model: IRenderMime.IMimeModel, picture: string): void {
    const image = document.createElement("img");
    image.src = `data:image/png;base64,${picture}`;
    const about = model.metadata["image/png"] as { readonly width?: number; readonly alt?: string } | undefined;
    image.alt = about?.alt ?? "";
    if (about?.width !== undefined) image.width = about.width;
    this.node.replaceChildren(image);
    this.#awaited = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        this.#awaited?.disconnect();
        // A chart that cannot be drawn keeps its picture.
        super.renderModel(model).catch((error: unknown) => {
          console.error(error);
          this.node.replaceChildren(image);
        });
      },
      { rootMargin: "400px" },
    );
    this.#awaited.observe(this.node);
  }

  override dispose(): void {
    this.#awaited?.disconnect();
    super.dispose();
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
