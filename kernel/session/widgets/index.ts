/**
 * Widgets for cells, by the widget protocol of ipywidgets 8. Loaded when a cell first asks for them.
 *
 * @module
 */
import type { CellComms } from "../cell-comms.ts";
import type { ErrorDescription } from "../errors.ts";
import type { WidgetsApi } from "./api.ts";
import { inputWidgets } from "./inputs.ts";
import { InteractionBox } from "./interact.ts";
import { OutputArea } from "./output.ts";
import { slider } from "./sliders.ts";
import { WidgetSpace, type AllStates } from "./space.ts";

/** What widgets are made of. */
export interface WidgetsParts {
  readonly comms: Pick<CellComms, "space" | "underCell">;
  readonly display: (value: unknown) => Promise<void>;
  readonly describe: (error: unknown) => ErrorDescription;
}

/** The widgets of a notebook. */
export interface OpenWidgets {
  readonly api: WidgetsApi;
  /** All their states. */
  states(): AllStates;
}

/** Opens a notebook's widgets. */
export function openWidgets({ comms, display, describe }: WidgetsParts): OpenWidgets {
  const space = new WidgetSpace(comms);
  const outputs = { space, display, describe };
  const api: WidgetsApi = {
    slider: (options) => slider(space, options),
    output: (options) => new OutputArea(outputs, options),
    interact: (inputs, draw) => new InteractionBox(outputs, inputWidgets(api, inputs), draw),
  };
  return { api, states: () => space.states() };
}
