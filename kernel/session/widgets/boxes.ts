import type { Widget, WidgetOptions } from "./api.ts";
import { controlKind } from "./model.ts";
import { reference, ShownWidget } from "./shown-widget.ts";
import type { WidgetSpace } from "./space.ts";

/** Widgets in one: beside each other, below each other, or one at a time. */
export class Box extends ShownWidget {
  constructor(
    space: WidgetSpace,
    name: "HBox" | "VBox" | "Tab" | "Accordion",
    children: readonly Widget[],
    { titles, ...options }: WidgetOptions & { readonly titles?: readonly string[] } = {},
  ) {
    const selection = titles === undefined ? {} : { titles, selected_index: 0 };
    super(space, controlKind(name), { children: children.map(reference), ...selection }, options);
  }
}
