import { RendererEvent } from "typedoc";
import { brokenLinks } from "./broken-links.mjs";

/** A plugin of TypeDoc: a link of the finished site that leads nowhere, to a file or within one, is an error. */
export function checkLinks(app) {
  app.renderer.on(
    RendererEvent.END,
    ({ outputDirectory }) => {
      for (const problem of brokenLinks(outputDirectory)) app.logger.error(problem);
    },
    -100,
  );
}
