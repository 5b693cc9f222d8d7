import type * as Vega from "vega";
import { withLocalData } from "./chart-data.ts";
import { chartOf, type Chart } from "./chart-spec.ts";
import { chartTheme } from "./chart-theme.ts";
import { textWidth, type TextStyle } from "./fonts.ts";

/**
 * Draws a Vega or Vega-Lite specification as SVG, without a browser: texts measured by the shipped font, data files read from
 * `directory`, the same bytes for the same specification. Vega is loaded at the first chart.
 *
 * @param spec - a specification with `$schema`; its data may be tables of Arrow or arquero
 * @param directory - what relative data files are relative to
 * @throws Error when the specification is none, or cannot be drawn
 */
export async function renderSvg(spec: object, directory: string = process.cwd()): Promise<string> {
  const chart = chartOf(spec);
  if (chart === undefined) {
    throw new TypeError("Expected a Vega or Vega-Lite specification: an object with a $schema of vega.github.io");
  }
  return await chartSvg(await withLocalData(chart, directory));
}

/** As {@link renderSvg}, for a chart that has its data. */
export async function chartSvg({ grammar, spec: given }: Chart): Promise<string> {
  const vega = await import("vega");
  const spec = structuredClone(given); // Vega writes into the rows
  const [compiled, config] = grammar === "vega" ? [spec, chartTheme] : [await compileLite(vega, spec), undefined];
  return await exclusively(async () => {
    const view = new vega.View(vega.parse(compiled, config), {
      renderer: "none",
      logger: silent(vega),
      loader: offline(vega),
    });
    try {
      return await view.toSVG();
    } finally {
      view.finalize();
    }
  }, vega);
}

async function compileLite(vega: typeof Vega, spec: Chart["spec"]): Promise<object> {
  const { compile } = await import("vega-lite");
  const options = { config: chartTheme, logger: silent(vega) } as unknown as Parameters<typeof compile>[1];
  return compile(spec as unknown as Parameters<typeof compile>[0], options).spec;
}

let turn: Promise<unknown> = Promise.resolve();

/** Code is terminated, perhaps that which draws: nobody waits for the end of a drawing that has none. */
export function giveUpDrawings(): void {
  turn = Promise.resolve();
}

/**
 * Runs a drawing alone, with what Vega keeps for the whole process set to ours and put back: how texts are measured, the
 * numbers of SVG's definitions, and random numbers (a jitter must not differ from run to run).
 */
function exclusively(draw: () => Promise<string>, vega: typeof Vega): Promise<string> {
  const drawn = turn.then(async () => {
    const { textMetrics, resetSVGDefIds, setRandom, randomLCG } = vega as unknown as VegaGlobals;
    const { width } = textMetrics;
    textMetrics.width = (item, text) => textWidth(item, text === null || text === undefined ? "" : String(text));
    resetSVGDefIds();
    setRandom(randomLCG(1));
    try {
      return await draw();
    } finally {
      textMetrics.width = width;
      setRandom(() => Math.random());
    }
  });
  turn = drawn.catch(() => undefined);
  return drawn;
}

/** Parts of Vega that its declarations leave out. */
interface VegaGlobals {
  readonly textMetrics: { width: (item: TextStyle, text: string | number | null | undefined) => number };
  readonly resetSVGDefIds: () => void;
  readonly setRandom: (random: () => number) => void;
  readonly randomLCG: (seed: number) => () => number;
}

/** Warnings are shown by the live chart; in the kernel they would land in some cell's output. */
function silent(vega: typeof Vega): Vega.LoggerInterface {
  return vega.logger(vega.None);
}

/** Images of image marks and other late loads: the network is not there, files neither. */
function offline(vega: typeof Vega): Vega.Loader {
  const refuse = (uri: string): Promise<never> =>
    Promise.reject(new Error(`The chart asks for ${uri}: charts are drawn without the network`));
  return Object.assign(vega.loader(), { load: refuse, http: refuse, file: refuse });
}
