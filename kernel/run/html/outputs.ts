import type { JsonObject } from "../../protocol/json.ts";
import { formatJson } from "../format-json.ts";
import type { Output } from "../notebook.ts";
import { ansiToHtml } from "./ansi.ts";
import { chartHtml, chartOf, type Chart } from "./charts.ts";
import { escapeHtml } from "./escape.ts";
import type { MarkdownRenderer } from "./markdown.ts";

/** Draws a chart as an SVG that stands where scripts are off. */
export type DrawChart = (chart: Chart) => Promise<string>;

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** An output as safe HTML: of its renderings the richest that a page without scripts of its own can show. */
export async function outputHtml(output: Output, markdown: MarkdownRenderer, draw: DrawChart): Promise<string> {
  switch (output.output_type) {
    case "stream": {
      const name = output.name === "stderr" ? "stderr" : "stdout";
      return `<pre class="output ${name}">${ansiToHtml(output.text)}</pre>`;
    }
    case "error": {
      const trace = output.traceback.length > 0 ? output.traceback.join("\n") : `${output.ename}: ${output.evalue}`;
      return `<pre class="output error" role="alert">${ansiToHtml(trace)}</pre>`;
    }
    case "display_data":
    case "execute_result":
      return bundleHtml(output.data, markdown, draw);
  }
}

async function bundleHtml(data: JsonObject, markdown: MarkdownRenderer, draw: DrawChart): Promise<string> {
  const chart = chartOf(data);
  if (chart !== undefined) return `<div class="output">${chartHtml(chart, await chartImage(chart, data, draw))}</div>`;
  const alt = escapeHtml(textOf(data, "text/plain") ?? "Image");
  const html = textOf(data, "text/html");
  if (html !== undefined) return `<div class="output rich">${markdown.clean(html)}</div>`;
  const svg = textOf(data, "image/svg+xml");
  // An image element runs no scripts of an SVG.
  if (svg !== undefined) return `<div class="output"><img src="${svgAddress(svg)}" alt="${alt}"></div>`;
  for (const mime of IMAGES) {
    const image = textOf(data, mime);
    if (image !== undefined) return `<div class="output"><img src="${imageAddress(mime, image)}" alt="${alt}"></div>`;
  }
  const text = textOf(data, "text/markdown");
  if (text !== undefined) return `<div class="output rich">${markdown.render(text)}</div>`;
  const latex = textOf(data, "text/latex");
  if (latex !== undefined) return `<div class="output rich">${markdown.render(latex)}</div>`;
  const plain = textOf(data, "text/plain");
  if (plain !== undefined) return `<pre class="output">${ansiToHtml(plain)}</pre>`;
  const json = data["application/json"];
  return json === undefined ? "" : `<pre class="output">${escapeHtml(formatJson(json))}</pre>`;
}

/** The image of a chart: drawn from its specification or, where that fails, the one that the kernel sent with it. */
async function chartImage(chart: Chart, data: JsonObject, draw: DrawChart): Promise<string | undefined> {
  try {
    return svgAddress(await draw(chart));
  } catch {
    const image = textOf(data, "image/png");
    return image === undefined ? undefined : imageAddress("image/png", image);
  }
}

const svgAddress = (svg: string): string => imageAddress("image/svg+xml", Buffer.from(svg).toString("base64"));
const imageAddress = (mime: string, base64: string): string =>
  `data:${mime};base64,${base64.replaceAll(/[^\w+/=]/gu, "")}`;

function textOf(data: JsonObject, mime: string): string | undefined {
  const value = data[mime];
  return typeof value === "string" ? value : undefined;
}
