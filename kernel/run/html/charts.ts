import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { isJsonObject, type Json, type JsonObject } from "../../protocol/json.ts";
import { escapeHtml, scriptJson } from "./escape.ts";
import { liveCharts } from "./live-charts.ts";

/** A chart of an output: its specification and the grammar that it is written in. */
export interface Chart {
  readonly mode: "vega" | "vega-lite";
  readonly spec: JsonObject;
}

/** The major version of Vega and of Vega-Lite by which pages are drawn, whatever version a chart was written for. */
export const VEGA_VERSION = 6;

const CHART = /^application\/vnd\.(vega|vegalite)\.v\d+(?:\.\d+)?\+json$/u;

/** The chart among an output's renderings, if there is one. */
export function chartOf(data: JsonObject): Chart | undefined {
  for (const [mime, spec] of Object.entries(data)) {
    const match = CHART.exec(mime);
    if (match !== null && isJsonObject(spec)) return { mode: match[1] === "vega" ? "vega" : "vega-lite", spec };
  }
  return undefined;
}

/**
 * A chart's place in the page: its image, which the page's script replaces by the live chart, and its specification.
 *
 * @param image The address (`data:…`) of the image that stands without scripts; undefined when there is none
 */
export function chartHtml({ mode, spec }: Chart, image: string | undefined): string {
  const description = typeof spec["description"] === "string" ? spec["description"] : titleOf(spec["title"]);
  const still =
    image === undefined
      ? `<noscript><p>This chart needs scripts.</p></noscript>`
      : `<img class="chart-image" src="${image}" alt="${escapeHtml(description)}">`;
  return (
    `<figure class="chart" data-mode="${mode}">${still}` +
    `<script type="application/json">${scriptJson(current(spec, mode))}</script></figure>`
  );
}

/**
 * The specification as the page's own Vega takes it: marked with the version that draws it, and without `usermeta`,
 * by which a specification could change how it is embedded.
 */
function current({ usermeta: _usermeta, ...spec }: JsonObject, mode: Chart["mode"]): JsonObject {
  return { ...spec, $schema: `https://vega.github.io/schema/${mode}/v${VEGA_VERSION}.json` };
}

function titleOf(title: Json | undefined): string {
  const text = isJsonObject(title) ? title["text"] : title;
  return typeof text === "string" ? text : "Chart";
}

/** The scripts that draw charts, in the order in which they must stand in the page; about 0.8 MB. */
export async function chartScripts(): Promise<string[]> {
  const require = createRequire(import.meta.url);
  const libraries = ["vega", "vega-lite", "vega-embed"].map((name) =>
    readFile(join(dirname(require.resolve(name)), `${name}.min.js`), "utf8"),
  );
  return [...(await Promise.all(libraries)), liveCharts()];
}
