import { chartTheme } from "../../session/display/chart-theme.ts";
import { scriptJson } from "./escape.ts";

/**
 * The page's own script, for a browser: draws each chart when it comes near the window and then takes its image away,
 * so that nothing jumps, and a chart that cannot be drawn keeps its image. Vega's expressions are interpreted (`ast`),
 * not compiled: the page's policy forbids `eval`. A loader that
 * refuses keeps charts from asking the network for data. The look is that of the images (`chartTheme`).
 */
export function liveCharts(): string {
  return `"use strict";
const config = ${scriptJson(chartTheme)};
${LIVE}`;
}

const LIVE = `(() => {
  const refuse = () => Promise.reject(new Error("an exported page loads no data"));
  const draw = async (figure) => {
    const spec = JSON.parse(figure.querySelector("script").textContent);
    const live = document.createElement("div");
    live.className = "chart-live";
    figure.append(live);
    try {
      await vegaEmbed(live, spec, {
        mode: figure.dataset.mode,
        config,
        renderer: "svg",
        ast: true,
        actions: { export: true, source: false, compiled: false, editor: false },
        loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse },
      });
      figure.querySelector(".chart-image")?.remove();
      figure.classList.add("is-live");
    } catch (error) {
      live.remove();
      console.error(error);
    }
  };
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        void draw(target);
      }
    },
    { rootMargin: "600px" },
  );
  for (const figure of document.querySelectorAll("figure.chart")) near.observe(figure);
})();
`;
