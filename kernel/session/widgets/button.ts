import type { ButtonLook, ButtonWidget, WidgetOptions } from "./api.ts";
import { controlKind } from "./model.ts";
import { ShownWidget } from "./shown-widget.ts";
import type { WidgetSpace } from "./space.ts";

/** A button. */
export class Button extends ShownWidget implements ButtonWidget {
  readonly #space: WidgetSpace;
  readonly #listeners = new Set<() => unknown>();

  constructor(
    space: WidgetSpace,
    label: string,
    options: WidgetOptions & ButtonLook & { readonly disabled?: boolean } = {},
  ) {
    const { look = "", icon = "", disabled = false } = options;
    super(space, controlKind("Button"), { description: label, button_style: look, icon, disabled }, options, {
      received: ({ event }) => (event === "click" ? this.#clicked() : undefined),
    });
    this.#space = space;
  }

  get label(): string {
    return String(this.model.state["description"]);
  }

  set label(label: string) {
    this.model.set({ description: label });
  }

  get disabled(): boolean {
    return this.model.state["disabled"] === true;
  }

  set disabled(disabled: boolean) {
    this.model.set({ disabled });
  }

  onClick(clicked: () => unknown): () => void {
    if (typeof clicked !== "function") throw new TypeError(`onClick: expected a function, got ${typeof clicked}`);
    const listener = this.#space.bound(clicked);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  override text(): string {
    return `button "${this.label}"`;
  }

  #clicked(): Promise<unknown> {
    return Promise.all(Array.from(this.#listeners, (listener) => listener()));
  }
}
