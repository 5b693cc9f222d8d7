import { inspect } from "node:util";
import type { MimeBundle } from "../display/publisher.ts";
import type { Layout, Widget, WidgetOptions } from "./api.ts";
import { WidgetModel, type ModelKind, type ModelListener, type WidgetState } from "./model.ts";
import type { WidgetSpace } from "./space.ts";

/** A widget that the front end shows. */
export class ShownWidget implements Widget {
  protected readonly model: WidgetModel;
  readonly #layout: WidgetModel | undefined;

  constructor(
    space: WidgetSpace,
    kind: ModelKind,
    state: WidgetState,
    { layout, tooltip }: WidgetOptions = {},
    listener: ModelListener = {},
  ) {
    this.#layout = layout && layoutModel(space, layout);
    const more = { ...(this.#layout && { layout: reference(this.#layout) }), ...(tooltip && { tooltip }) };
    this.model = new WidgetModel(space, kind, { ...more, ...state }, listener);
  }

  get id(): string {
    return this.model.id;
  }

  get closed(): boolean {
    return this.model.closed;
  }

  close(): void {
    this.model.close();
    this.#layout?.close();
  }

  /** What it is, for what shows no widgets. */
  text(): string {
    return `widget ${this.id}`;
  }

  /** What a cell shows. */
  bundle(): MimeBundle | Promise<readonly [bundle: MimeBundle, metadata: MimeBundle]> {
    return this.view();
  }

  /** Its view, and a text for what shows no widgets. */
  protected view(): MimeBundle {
    return {
      "application/vnd.jupyter.widget-view+json": { version_major: 2, version_minor: 0, model_id: this.id },
      "text/plain": this.text(),
    };
  }
}

Object.defineProperty(ShownWidget.prototype, Symbol.for("Jupyter.display"), {
  value(this: ShownWidget) {
    return this.bundle();
  },
});

Object.defineProperty(ShownWidget.prototype, inspect.custom, {
  value(this: ShownWidget) {
    return this.text();
  },
});

/** How one model's state names another. */
export function reference({ id }: { readonly id: string }): string {
  return `IPY_MODEL_${id}`;
}

function layoutModel(space: WidgetSpace, layout: Layout): WidgetModel {
  const kind = { name: "Layout", module: "@jupyter-widgets/base", version: "2.0.0" };
  return new WidgetModel(space, kind, { ...layout });
}
