/**
 * Values as notebooks show them.
 *
 * @module
 */
import { inspect } from "node:util";
import { withLocalData } from "./chart-data.ts";
import { chartOf, describeChart, type Chart } from "./chart-spec.ts";
import { isPromise } from "./promise.ts";
import type { MimeBundle } from "./publisher.ts";
import { renderPng } from "./render-png.ts";
import { chartSvg } from "./render-svg.ts";
import { displayTable } from "./table-display.ts";
import { tableOf } from "./table.ts";

export type { MimeBundle } from "./publisher.ts";

/** A value in all its forms, ready for `execute_result` or `display_data`. */
export interface Rendering {
  readonly data: MimeBundle;
  /** By MIME type: the size at which an image is to be seen. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What {@link render} needs to know. */
export interface RenderOptions {
  /** The notebook's folder: where a chart's data files are. */
  readonly directory: string;
}

const displayKey = Symbol.for("Jupyter.display");

/**
 * Renders a value: by its own `[Symbol.for("Jupyter.display")]()`, as a chart (Vega, Vega-Lite), as a table (Apache Arrow, flechette,
 * arquero), and otherwise as text, as `util.inspect` writes it: without colours, cut after a hundred items, so that outputs are
 * the same in every front end and every run.
 *
 * @returns undefined for undefined, which is not shown; a promise only for charts and for displays that return one
 * @throws whatever the value's own display throws, and an Error for a chart that cannot be drawn
 */
export function render(value: unknown, options: RenderOptions): Rendering | undefined | Promise<Rendering> {
  if (value === undefined) return undefined;
  if ((typeof value === "object" && value !== null) || typeof value === "function") {
    const own = ownDisplay(value);
    if (own !== undefined) return own;
    const chart = typeof value === "object" ? chartOf(value) : undefined;
    if (chart !== undefined) return renderChart(chart, options.directory);
    const table = typeof value === "object" ? tableOf(value) : undefined;
    if (table !== undefined) return { data: displayTable(table), metadata: {} };
  }
  return { data: { "text/plain": plainText(value) }, metadata: {} };
}

/** Values of very many properties are cut here. */
const longestText = 1_000_000;

/** A value as text, as results of cells are written. Never throws. */
export function plainText(value: unknown): string {
  try {
    const text = inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 });
    return text.length <= longestText
      ? text
      : `${text.slice(0, longestText)}… ${text.length - longestText} more characters`;
  } catch {
    return "[a value that cannot be inspected]";
  }
}

/** Deno's protocol: the value knows its bundle; also with its metadata, as a pair, as in IPython. */
function ownDisplay(value: object): Rendering | Promise<Rendering> | undefined {
  const display: unknown = Reflect.get(value, displayKey);
  if (typeof display !== "function") return undefined;
  const bundle: unknown = Reflect.apply(display, value, []);
  return isPromise(bundle) ? later(bundle) : toRendering(bundle);
}

async function later(bundle: Promise<unknown>): Promise<Rendering> {
  return toRendering(await bundle);
}

function toRendering(bundle: unknown): Rendering {
  const pair: readonly unknown[] = Array.isArray(bundle) && bundle.length === 2 ? bundle : [bundle, {}];
  const [data, metadata] = pair;
  if (!isForms(data) || !isForms(metadata))
    throw new TypeError(`Symbol.for("Jupyter.display"): expected a MIME bundle, got ${plainText(bundle)}`);
  return { data: toBundle(data), metadata };
}

function isForms(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Bytes as the base64 that the protocol has them in; absent forms left out. */
export function toBundle(forms: Readonly<Record<string, unknown>>): MimeBundle {
  const entries = Object.entries(forms).filter(([, form]) => form !== undefined);
  return Object.fromEntries(entries.map(([type, form]) => [type, form instanceof Uint8Array ? base64(form) : form]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

async function renderChart(chart: Chart, directory: string): Promise<Rendering> {
  const complete = await withLocalData(chart, directory);
  const { png, width, height } = await renderPng(await chartSvg(complete));
  // Front ends draw version 5 of Vega-Lite; the later ones know the older name too.
  const type = `application/vnd.${chart.grammar.replace("-", "")}.v${Math.max(5, chart.version)}+json`;
  const description = describeChart(complete);
  return {
    data: { [type]: complete.spec, "image/png": base64(png), "text/plain": description },
    // nbconvert takes the alternative text from here.
    metadata: { "image/png": { width, height, alt: description } },
  };
}
