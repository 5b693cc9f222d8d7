/**
 * Widgets for cells, by the widget protocol of ipywidgets 8. Loaded when a cell first asks for them.
 *
 * @module
 */
import type { CellComms } from "../cell-comms.ts";
import type { ErrorDescription } from "../errors.ts";
import { ModuleWidget } from "./any-widget.ts";
import type { WidgetsApi } from "./api.ts";
import { Box, titled } from "./boxes.ts";
import { Button } from "./button.ts";
import { choice, multipleChoice } from "./choices.ts";
import { checkbox, number, progress, shownText, text, toggle } from "./fields.ts";
import { inputWidgets } from "./inputs.ts";
import { InteractionBox } from "./interact.ts";
import { OutputArea } from "./output.ts";
import { link } from "./link.ts";
import { rangeSlider, slider } from "./sliders.ts";
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
    rangeSlider: (options) => rangeSlider(space, options),
    number: (options) => number(space, options),
    progress: (options) => progress(space, options),
    checkbox: (options) => checkbox(space, options),
    toggle: (options) => toggle(space, options),
    text: (options = {}) => text(space, options.hidden === true ? "Password" : "Text", options),
    textarea: (options) => text(space, "Textarea", options),
    dropdown: (options, more) => choice(space, "Dropdown", options, more),
    select: (options, more) => choice(space, "Select", options, more),
    radio: (options, more) => choice(space, "RadioButtons", options, more),
    toggleButtons: (options, more) => choice(space, "ToggleButtons", options, more),
    selectMultiple: (options, more) => multipleChoice(space, options, more),
    button: (label, options) => new Button(space, label, options),
    label: (value, options) => shownText(space, "Label", value, options),
    html: (value, options) => shownText(space, "HTML", value, options),
    hbox: (children, options) => new Box(space, "HBox", children, options),
    vbox: (children, options) => new Box(space, "VBox", children, options),
    tabs: (children, options) => titled(space, "Tab", children, options),
    accordion: (children, options) => titled(space, "Accordion", children, options),
    anywidget: (options) => new ModuleWidget(space, options),
    link,
    output: (options) => new OutputArea(outputs, options),
    interact: (inputs, draw) => new InteractionBox(outputs, inputWidgets(api, inputs), draw),
  };
  return { api, states: () => space.states() };
}
