/** Of charts whose axes are both quantities. */
export interface ZoomOptions {
  /**
   * Lets the reader move the plot by dragging and zoom it with Ctrl and the wheel, or by pinching; a double click
   * shows all again. The wheel alone still scrolls the page. Off unless given.
   */
  readonly zoom?: boolean;
}

const NAME = "zoom";

/** A chart's layers, the first of which binds its axes to the mouse where that is asked for. */
export function zoomable(layers: readonly object[], zoom = false): readonly object[] {
  const [first, ...rest] = layers;
  if (!zoom || first === undefined) return layers;
  const select = { type: "interval", zoom: "wheel![event.ctrlKey]" };
  return [{ ...first, params: [{ name: NAME, select, bind: "scales" }] }, ...rest];
}

/** A chart for a figure of several: a name is a figure's own, so each chart's zoom gets another. */
export function renameZoom(chart: Readonly<Record<string, unknown>>, place: number): Readonly<Record<string, unknown>> {
  const { layer } = chart;
  if (!Array.isArray(layer)) return chart;
  const [first, ...rest] = layer as readonly { readonly params?: readonly object[] }[];
  if (first?.params === undefined) return chart;
  const params = first.params.map((param) => ({ ...param, name: `${NAME}${place}` }));
  return { ...chart, layer: [{ ...first, params }, ...rest] };
}
