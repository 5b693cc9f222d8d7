import { currentCell } from "../context.ts";
import { plainText } from "../display/render.ts";
import type { MimeBundle } from "../display/publisher.ts";
import type { Input, InputValue, Interaction, ValueWidget, Widget } from "./api.ts";
import { Box } from "./boxes.ts";
import type { InputWidgets } from "./inputs.ts";
import { Control } from "./control.ts";
import { latest } from "./latest.ts";
import { OutputArea, type OutputParts } from "./output.ts";

/** Inputs, and below them what is drawn of their values. */
export class InteractionBox<I extends Readonly<Record<string, Input>>> extends Box implements Interaction<I> {
  readonly inputs: { readonly [N in keyof I]: ValueWidget<InputValue<I[N]>> };
  readonly output: OutputArea;
  readonly #redraw: () => Promise<void> | undefined;
  readonly #made: readonly Widget[];
  readonly #ends: readonly (() => void)[];
  #drawing: Promise<void> = Promise.resolve();

  constructor(
    parts: OutputParts,
    { inputs, made }: InputWidgets,
    draw: (values: { readonly [N in keyof I]: InputValue<I[N]> }) => unknown,
  ) {
    const output = new OutputArea(parts);
    super(parts.space, "VBox", [...Object.values(inputs), output]);
    this.inputs = inputs as typeof this.inputs;
    this.output = output;
    this.#made = made;
    const values = (): Parameters<typeof draw>[0] =>
      Object.fromEntries(Object.entries(inputs).map(([name, { value }]) => [name, value])) as Parameters<
        typeof draw
      >[0];
    const cell = currentCell();
    // Later ones belong to a change, whose error is seen where the change is made.
    let failed: ((error: unknown) => void) | undefined = (error) => {
      if (!cell.finished) cell.failures.push(error);
    };
    this.#redraw = latest(
      () => {
        const first = failed;
        failed = undefined;
        return this.closed ? undefined : output.replace(() => draw(values()), first);
      },
      (waiting) => waiting,
    );
    this.#ends = Object.values(inputs).map((input) => input.onChange(() => this.#draw()));
    void this.#draw();
    // The first drawing belongs to what the cell shows.
    if (!cell.finished) cell.displays.add(this.#drawing);
  }

  drawn(): Promise<void> {
    return this.#drawing;
  }

  /** With its output and the inputs that it has made of values; a widget that it was given stays. */
  override close(): void {
    for (const end of this.#ends) end();
    super.close();
    for (const widget of [this.output, ...this.#made]) widget.close();
  }

  /** With the picture of what is drawn, for what shows no widgets. */
  override async bundle(): Promise<readonly [bundle: MimeBundle, metadata: MimeBundle]> {
    await this.#drawing;
    const drawn = this.output.outputs.findLast(
      ({ data }) => (data as MimeBundle | undefined)?.["image/png"] !== undefined,
    );
    if (drawn === undefined) return [this.view(), {}];
    const { data, metadata } = drawn as { readonly data?: MimeBundle; readonly metadata?: MimeBundle };
    return [{ ...this.view(), "image/png": data?.["image/png"] }, { "image/png": metadata?.["image/png"] ?? {} }];
  }

  override text(): string {
    const values = Object.entries<ValueWidget<unknown>>(this.inputs).map(([name, input]) =>
      input instanceof Control && input.secret ? input.text() : `${name} = ${plainText(input.value)}`,
    );
    return [values.join(", "), this.output.shownText()].filter((line) => line !== "").join("\n");
  }

  #draw(): Promise<void> {
    this.#drawing = this.#redraw() ?? this.#drawing;
    return this.#drawing;
  }
}
