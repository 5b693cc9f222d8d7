import { plainText } from "../display/render.ts";
import type { Widget, WidgetOptions } from "./api.ts";
import { controlKind, type WidgetState } from "./model.ts";
import { reference, ShownWidget } from "./shown-widget.ts";
import type { WidgetSpace } from "./space.ts";

/** Widgets in one: beside each other, below each other, or one at a time. */
export class Box extends ShownWidget {
  readonly #children: readonly Widget[];

  constructor(
    space: WidgetSpace,
    name: "HBox" | "VBox" | "Tab" | "Accordion",
    children: readonly Widget[],
    options: WidgetOptions = {},
    state: WidgetState = {},
  ) {
    super(space, controlKind(name), { children: children.map(checked), ...state }, options);
    this.#children = children;
  }

  override text(): string {
    return this.#children.map(textOf).join("\n");
  }
}

/** Widgets one at a time, chosen by their titles. */
export function titled(
  space: WidgetSpace,
  name: "Tab" | "Accordion",
  children: Readonly<Record<string, Widget>>,
  options: WidgetOptions = {},
): Box {
  return new Box(space, name, Object.values(children), options, { titles: Object.keys(children), selected_index: 0 });
}

function textOf(widget: Widget): string {
  return widget instanceof ShownWidget ? widget.text() : plainText(widget);
}

function checked(child: Widget, index: number): string {
  if (child instanceof ShownWidget) return reference(child);
  throw new TypeError(`children[${index}]: expected a widget, got ${plainText(child)}`);
}
