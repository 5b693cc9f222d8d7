import type { JsonObject } from "../../protocol/json.ts";

/** What cells have as the global `widgets`. */
export interface WidgetsApi {
  /**
   * A slider. Its steps are whole where the bounds and the step are (`min` 0, `max` 100, `step` 1 where not given), and a hundredth of the way otherwise.
   *
   * @example
   * const ratio = widgets.slider({ label: "ratio", min: 0, max: 1, step: 0.05, value: 0.5 });
   * ratio.onChange((value) => console.log(value));
   * ratio
   */
  slider(options?: SliderOptions<number>): ValueWidget<number>;
  /** A slider with two handles; its value is the range between them. */
  rangeSlider(options?: SliderOptions<Range>): ValueWidget<Range>;
  /** A field for a number, of whole ones where the value, the bounds and the step are. */
  number(options?: NumberOptions): ValueWidget<number>;
  /** A bar that shows how far something is. */
  progress(options?: ProgressOptions): ValueWidget<number>;
  /** A box to tick. */
  checkbox(options?: CheckOptions): ValueWidget<boolean>;
  /** A button that stays pressed. */
  toggle(options?: CheckOptions & ButtonLook): ValueWidget<boolean>;
  /** A field for a line of text. */
  text(options?: TextOptions & { readonly hidden?: boolean }): ValueWidget<string>;
  /** A field for text of several lines. */
  textarea(options?: TextOptions & { readonly rows?: number }): ValueWidget<string>;
  /**
   * A list that opens, to choose from.
   *
   * @param options - what to choose from: values, or values by their labels; the first is chosen where no value is given
   * @example
   * const policy = widgets.dropdown({ lru: 1, random: 2 }, { label: "policy" });
   */
  dropdown<T>(options: Choices<T>, more?: ChoiceOptions<T>): ValueWidget<T>;
  /** A list to choose one from. */
  select<T>(options: Choices<T>, more?: ChoiceOptions<T> & { readonly rows?: number }): ValueWidget<T>;
  /** Buttons of which one is chosen. */
  radio<T>(options: Choices<T>, more?: ChoiceOptions<T>): ValueWidget<T>;
  /** Buttons beside each other of which one is pressed. */
  toggleButtons<T>(options: Choices<T>, more?: ChoiceOptions<T>): ValueWidget<T>;
  /** A list to choose any number from; none where no value is given. */
  selectMultiple<T>(
    options: Choices<T>,
    more?: ChoiceOptions<readonly T[]> & { readonly rows?: number },
  ): ValueWidget<readonly T[]>;
  /** A button. */
  button(label: string, options?: WidgetOptions & ButtonLook & { readonly disabled?: boolean }): ButtonWidget;
  /** A text that may carry formulas (`$x^2$`). */
  label(text?: string, options?: WidgetOptions): ValueWidget<string>;
  /** HTML, which the front end cleans of scripts. */
  html(text?: string, options?: WidgetOptions): ValueWidget<string>;
  /** Widgets beside each other. */
  hbox(children: readonly Widget[], options?: WidgetOptions): Widget;
  /** Widgets below each other. */
  vbox(children: readonly Widget[], options?: WidgetOptions): Widget;
  /** Widgets one at a time, by tabs with these titles. */
  tabs(children: Readonly<Record<string, Widget>>, options?: WidgetOptions): Widget;
  /** Widgets that open below their titles, one at a time. */
  accordion(children: Readonly<Record<string, Widget>>, options?: WidgetOptions): Widget;
  /**
   * A widget whose front end is a module of your own, by anywidget's interface (https://anywidget.dev/en/afm/).
   *
   * @example
   * const counter = widgets.anywidget({
   *   state: { count: 0 },
   *   esm: `export default {
   *     render({ model, el }) {
   *       const button = document.createElement("button");
   *       const show = () => { button.textContent = "clicked " + model.get("count") + " times"; };
   *       button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
   *       model.on("change:count", show);
   *       show();
   *       el.append(button);
   *     },
   *   }`,
   * });
   * counter.onChange(({ count }) => console.log(count));
   * counter
   */
  anywidget<S extends Readonly<Record<string, unknown>>>(options: AnyWidgetOptions<S>): AnyWidget<S>;
  /** Keeps the values of two widgets equal, from now on the first one's; gives the function that ends it. */
  link<T>(first: ValueWidget<T>, second: ValueWidget<T>): () => void;
  /**
   * Calls a function with the values of inputs, shows what it returns, prints and displays below them, and again whenever an input changes. While a
   * call goes on, only the latest values are kept for the next one. An error stands in their place; where the first call throws, the cell fails, too,
   * once the inputs are shown.
   *
   * @param inputs - widgets by name; also a boolean (a checkbox), a number or a text (fields), or an array to choose from
   * @example
   * const { interact, slider } = widgets;
   * interact({ ratio: slider({ min: 0, max: 1, step: 0.1 }) }, ({ ratio }) => `half of it is ${ratio / 2}`)
   */
  interact<I extends Readonly<Record<string, Input>>>(
    inputs: I,
    draw: (values: { readonly [N in keyof I]: InputValue<I[N]> }) => unknown,
  ): Interaction<I>;
  /** A place for output, which can be replaced. */
  output(options?: WidgetOptions): OutputWidget;
}

/** A widget whose front end is a module of the notebook's own. */
export interface AnyWidget<S> extends Widget {
  /** The state that it shares with its module; bytes in it are typed arrays here and `DataView`s there. */
  readonly state: S;
  /** Changes a part of the state, here and there. */
  set(changes: Partial<S>): void;
  /** Has a function called when the state changes, whoever changes it, as with other widgets; gives the function that ends it. */
  onChange(changed: (state: S, previous: S) => unknown): () => void;
  /** Sends a message to the module (`msg:custom`). */
  send(content: object, buffers?: readonly (ArrayBuffer | ArrayBufferView)[]): void;
  /** Has a function called with every message of the module's `model.send`; gives the function that ends it. */
  onMessage(received: (content: JsonObject, buffers: readonly Uint8Array[]) => unknown): () => void;
}

/** What a widget of the notebook's own is made of. */
export interface AnyWidgetOptions<S> extends WidgetOptions {
  /** The source of a module of JavaScript whose default export has `render({ model, el })`. */
  readonly esm: string;
  readonly css?: string;
  readonly state?: S;
}

/** Something that the front end shows, as the value of a cell, by `display`, or in a box. */
export interface Widget {
  readonly id: string;
  readonly closed: boolean;
  /** Takes it out of every place where it is shown. */
  close(): void;
}

/** A widget with a value that the front end and the notebook's code both change. */
export interface ValueWidget<T> extends Widget {
  value: T;
  label: string;
  disabled: boolean;
  /**
   * Has a function called when the value changes, whoever changes it; gives the function that ends it. What it shows of a person's change
   * stands under the cell that says so, and of a change by code under the cell whose code it is. While a call goes on (its promise is waited
   * for), only the latest value is kept for the next one.
   */
  onChange(changed: (value: T, previous: T) => unknown): () => void;
}

/** A button. */
export interface ButtonWidget extends Widget {
  label: string;
  disabled: boolean;
  /**
   * Has a function called with every click, also while an earlier call goes on; gives the function that ends it. What it shows stands under
   * the cell that says so.
   */
  onClick(clicked: () => unknown): () => void;
}

/** A place for output. */
export interface OutputWidget extends Widget {
  /** Shows a value in place of what was there. */
  show(value: unknown): Promise<void>;
  /** Calls a function, and shows here what it and all that it starts print and display; gives its value. */
  capture<R>(call: () => R): R;
  /** Removes what is shown. */
  clear(): void;
}

/** What `interact` has made. */
export interface Interaction<I> extends Widget {
  readonly inputs: { readonly [N in keyof I]: ValueWidget<InputValue<I[N]>> };
  readonly output: OutputWidget;
  /** Resolves when what is shown is that of the inputs' values. */
  drawn(): Promise<void>;
}

/** An input of `interact`: a widget, or what one can be made of. */
export type Input =
  { readonly value: unknown; onChange(changed: never): unknown } | boolean | number | string | readonly unknown[];

/** The value of an input. */
export type InputValue<I> = I extends { value: infer T; onChange: unknown }
  ? T
  : I extends readonly (infer T)[]
    ? T
    : I extends boolean
      ? boolean
      : I extends number
        ? number
        : I extends string
          ? string
          : never;

/** How a widget is laid out, by names of CSS. */
export interface Layout {
  readonly width?: string;
  readonly height?: string;
  readonly min_width?: string;
  readonly max_width?: string;
  readonly min_height?: string;
  readonly max_height?: string;
  readonly margin?: string;
  readonly padding?: string;
  readonly border_top?: string;
  readonly border_right?: string;
  readonly border_bottom?: string;
  readonly border_left?: string;
  readonly flex?: string;
  readonly flex_flow?: string;
  readonly align_items?: string;
  readonly align_self?: string;
  readonly justify_content?: string;
  readonly display?: string;
  readonly overflow?: string;
  readonly visibility?: string;
  readonly grid_template_columns?: string;
  readonly grid_gap?: string;
}

/** Options of every widget. */
export interface WidgetOptions {
  readonly layout?: Layout;
  /** Shown while the pointer is over it. */
  readonly tooltip?: string;
}

/** Options of widgets with a label. */
export interface LabelledOptions extends WidgetOptions {
  /** What stands before it. */
  readonly label?: string;
  /** The label's width, so that widgets stand in line; as wide as it is where not given. */
  readonly labelWidth?: string;
  readonly disabled?: boolean;
}

/** Options of a slider. */
export interface SliderOptions<T> extends LabelledOptions {
  readonly value?: T;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly vertical?: boolean;
  /** Whether the value changes while the handle moves; true where not given. */
  readonly continuous?: boolean;
  /** Whether the value stands beside it; true where not given. */
  readonly readout?: boolean;
  /** How the value is written, as in d3-format: `.2f`, `.0%`, `.3s`. */
  readonly format?: string;
}

/** From the first to the second. */
export type Range = readonly [number, number];

/** What can be chosen: values, shown as text, or values by their labels. */
export type Choices<T> = readonly T[] | Readonly<Record<string, T>>;

/** Options of widgets that choose. */
export interface ChoiceOptions<T> extends LabelledOptions {
  readonly value?: T;
}

/** Options of a field for a number. */
export interface NumberOptions extends LabelledOptions {
  readonly value?: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
}

/** Options of a bar. */
export interface ProgressOptions extends LabelledOptions {
  readonly value?: number;
  readonly min?: number;
  readonly max?: number;
  readonly look?: "success" | "info" | "warning" | "danger";
}

/** Options of what is true or false. */
export interface CheckOptions extends LabelledOptions {
  readonly value?: boolean;
}

/** How a button looks. */
export interface ButtonLook {
  readonly look?: "primary" | "success" | "info" | "warning" | "danger";
  /** A name of Font Awesome's icons: `play`, `check`. */
  readonly icon?: string;
}

/** Options of fields for text. */
export interface TextOptions extends LabelledOptions {
  readonly value?: string;
  /** Shown while it is empty. */
  readonly placeholder?: string;
  /** Whether the value changes with every key; otherwise with Enter, or when the field is left. True where not given. */
  readonly continuous?: boolean;
}
