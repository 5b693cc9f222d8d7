import { isDeepStrictEqual } from "node:util";
import { plainText } from "../display/render.ts";
import type { LabelledOptions, ValueWidget } from "./api.ts";
import { latest } from "./latest.ts";
import { controlKind, WidgetModel, type ModelKind, type WidgetState } from "./model.ts";
import { reference, ShownWidget } from "./shown-widget.ts";
import type { WidgetSpace } from "./space.ts";

/** What makes a control of a model: how its value stands in the state. */
export interface ControlParts<T> {
  /** What it is called where no widget is shown. */
  readonly name: string;
  /** Whether its value stands nowhere but in the widget. */
  readonly secret?: boolean;
  readonly kind: ModelKind;
  readonly state: WidgetState;
  readonly read: (state: WidgetState) => T;
  /** The state of a value; throws for what is none. */
  readonly write: (value: T) => WidgetState;
}

type Changed<T> = (value: T, previous: T) => unknown;

/** A control: a widget with a value and a label. */
export class Control<T> extends ShownWidget implements ValueWidget<T> {
  readonly #space: WidgetSpace;
  readonly #parts: ControlParts<T>;
  readonly #listeners = new Set<Changed<T>>();
  readonly #labelWidth: string | undefined;
  #style: WidgetModel | undefined;

  constructor(space: WidgetSpace, parts: ControlParts<T>, options: LabelledOptions) {
    const { label = "", labelWidth, disabled = false } = options;
    const style = label === "" ? undefined : labelStyle(space, labelWidth);
    const styled = style && { style: reference(style) };
    super(space, parts.kind, { description: label, disabled, ...styled, ...parts.state }, options, {
      changed: (previous) => this.#changed(parts.read(previous)),
    });
    this.#space = space;
    this.#parts = parts;
    this.#labelWidth = labelWidth;
    this.#style = style;
  }

  get value(): T {
    return this.#parts.read(this.model.state);
  }

  set value(value: T) {
    const previous = this.value;
    // What a listener does at once has failed or ended by now; what it promises is its own.
    if (this.model.set(this.#parts.write(value))) void this.#changed(previous);
  }

  get label(): string {
    return String(this.model.state["description"]);
  }

  set label(label: string) {
    this.#style ??= labelStyle(this.#space, this.#labelWidth);
    this.model.set({ description: label, style: reference(this.#style) });
  }

  /** Gives the label a width, where its maker has said none. */
  align(width: string): void {
    if (this.#labelWidth === undefined) this.#style?.set({ description_width: width });
  }

  get disabled(): boolean {
    return this.model.state["disabled"] === true;
  }

  set disabled(disabled: boolean) {
    this.model.set({ disabled });
  }

  override close(): void {
    super.close();
    this.#style?.close();
  }

  onChange(changed: Changed<T>): () => void {
    if (typeof changed !== "function") throw new TypeError(`onChange: expected a function, got ${typeof changed}`);
    const listener: Changed<T> = latest(this.#space.bound(changed), ([, previous], [value]) => [value, previous]);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  override text(): string {
    const { label } = this;
    const name = `${this.#parts.name}${label === "" ? "" : ` "${label}"`}`;
    return this.secret ? name : `${name}: ${plainText(this.value)}`;
  }

  get secret(): boolean {
    return this.#parts.secret ?? false;
  }

  #changed(previous: T): Promise<unknown> | undefined {
    const { value } = this;
    if (isDeepStrictEqual(value, previous)) return undefined;
    const results = Array.from(this.#listeners, (listener) => listener(value, previous));
    return results.some((result) => result !== undefined) ? Promise.all(results) : undefined;
  }
}

/** As wide as the label where no width is given: the front end's own width cuts it off. */
function labelStyle(space: WidgetSpace, width = "initial"): WidgetModel {
  // A style's view is one of the base's.
  const view = { _view_module: "@jupyter-widgets/base", _view_module_version: "2.0.0" };
  return new WidgetModel(space, controlKind("DescriptionStyle", "Style"), { ...view, description_width: width });
}
