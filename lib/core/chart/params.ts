/** Of charts whose axes are both quantities. */
export interface ZoomOptions {
  /**
   * Lets the reader move the plot by dragging and zoom it with Ctrl and the wheel, or by pinching; a double click
   * shows all again. The wheel alone still scrolls the page. Off unless given.
   */
  readonly zoom?: boolean;
}

/** A selection of Vega-Lite's, by its name. */
interface Param {
  readonly name: string;
}

const ZOOM = { name: "zoom", select: { type: "interval", zoom: "wheel![event.ctrlKey]" }, bind: "scales" };
const HIGHLIGHT = "highlight";

/** The selection of series by clicks on their names in the legend; with Shift, several. */
function highlight(field: string): Param {
  return { name: HIGHLIGHT, select: { type: "point", fields: [field] }, bind: "legend" } as Param;
}

/** The opacity of a mark: pale while other series are highlighted. */
export function highlighted(opacity = 1): object {
  const condition = { param: HIGHLIGHT, value: opacity };
  return { opacity: { condition, value: Number((opacity * 0.12).toPrecision(3)) } };
}

/** A unit chart whose legend highlights. */
export function highlightParams(field: string): readonly object[] {
  return [highlight(field)];
}

/**
 * A chart's layers with its selections: of a part of the plot by the mouse in the first layer, of series by the legend in the first that has one.
 */
export function interactive(
  layers: readonly object[],
  { zoom = false, series }: { readonly zoom?: boolean | undefined; readonly series?: string | undefined },
): readonly object[] {
  const withLegend = series === undefined ? -1 : layers.findIndex(hasColor);
  return layers.map((layer, place) => {
    const params = [
      ...(zoom && place === 0 ? [ZOOM] : []),
      ...(series !== undefined && place === withLegend ? [highlight(series)] : []),
    ];
    return params.length === 0 ? layer : { ...layer, params };
  });
}

function hasColor(layer: { readonly encoding?: object }): boolean {
  return layer.encoding !== undefined && "color" in layer.encoding;
}

/** A chart for a figure of several: a selection's name is a figure's own, so each chart's get others. */
export function renameParams(chart: object, place: number): Readonly<Record<string, unknown>> {
  const renamed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renamed);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]: [string, unknown]) => {
        // Rows are data, however they look.
        if (key === "data") return [key, item];
        if (key === "param" && typeof item === "string") return [key, `${item}${place}`];
        if (key === "params" && Array.isArray(item))
          return [key, (item as readonly Param[]).map((param) => ({ ...param, name: `${param.name}${place}` }))];
        return [key, renamed(item)];
      }),
    );
  };
  return renamed(chart) as Readonly<Record<string, unknown>>;
}
