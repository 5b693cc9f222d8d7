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
  /**
   * Calls a function with the values of inputs, shows what it returns, prints and displays below them, and again whenever an input changes. While a
   * call goes on, only the latest values are kept for the next one.
   *
   * @param inputs - widgets by name; also a boolean (a checkbox), a text, or an array to choose from
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
   * Has a function called when the value changes, whoever changes it; gives the function that ends it. What it shows stands under the cell that
   * says so. While a call goes on (its promise is waited for), only the latest value is kept for the next one.
   */
  onChange(changed: (value: T, previous: T) => unknown): () => void;
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
  { readonly value: unknown; onChange(changed: never): unknown } | boolean | string | readonly unknown[];

/** The value of an input. */
export type InputValue<I> = I extends { value: infer T; onChange: unknown }
  ? T
  : I extends readonly (infer T)[]
    ? T
    : I extends boolean
      ? boolean
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
