import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Chart, ChartSpec } from "./chart-spec.ts";

/**
 * Brings the data files that a chart names into it, so that it draws the same wherever its notebook is opened: from the
 * notebook's folder for relative names, never from the network.
 *
 * @throws Error for data at a network address, or a file that cannot be read
 */
export async function withLocalData(chart: Chart, directory: string): Promise<Chart> {
  return { ...chart, spec: (await inlined(chart.spec, directory)) as ChartSpec };
}

async function inlined(value: unknown, directory: string): Promise<unknown> {
  if (Array.isArray(value)) return await Promise.all(value.map((item) => inlined(item, directory)));
  if (typeof value !== "object" || value === null) return value;
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, item]: [string, unknown]) => {
      if (key === "data" && isSource(item)) return [key, await load(item, directory)] as const;
      // Vega's `data` is a list of sources.
      if (key === "data" && Array.isArray(item)) {
        return [
          key,
          await Promise.all(item.map((source) => (isSource(source) ? load(source, directory) : source) as unknown)),
        ] as const;
      }
      // Rows are data, however they look.
      return [key, key === "values" || key === "datasets" ? item : await inlined(item, directory)] as const;
    }),
  );
  return Object.fromEntries(entries);
}

interface Source {
  readonly url: string;
  readonly format?: { readonly type?: string };
}

function isSource(value: unknown): value is Source {
  return typeof value === "object" && value !== null && "url" in value && typeof value.url === "string";
}

async function load({ url, ...source }: Source, directory: string): Promise<unknown> {
  if (/^(?!file:)[a-z][a-z0-9+.-]+:|^\/\//i.test(url)) {
    throw new Error(
      `The chart's data is at ${url}: charts are drawn without the network; load it first and give it as { values }`,
    );
  }
  const path = url.startsWith("file:") ? fileURLToPath(url) : resolve(directory, url);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new Error(`The chart's data file ${url} cannot be read: looked for ${path}`, { cause });
  });
  const type = source.format?.type ?? (extname(path).slice(1) || "json");
  if (type !== "json" && type !== "topojson") return { ...source, values: text, format: { ...source.format, type } };
  try {
    return { ...source, values: JSON.parse(text) as unknown };
  } catch (cause) {
    throw new Error(`The chart's data file ${url} is not JSON`, { cause });
  }
}
