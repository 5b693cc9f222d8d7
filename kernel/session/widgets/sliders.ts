import type { Range, SliderOptions, ValueWidget } from "./api.ts";
import { checkBounds, checkNumber, checkWithin } from "./check.ts";
import { Control } from "./control.ts";
import { controlKind, type WidgetState } from "./model.ts";
import type { WidgetSpace } from "./space.ts";

/** Makes a slider with one handle. */
export function slider(space: WidgetSpace, options: SliderOptions<number> = {}): ValueWidget<number> {
  const { whole, bounds, state } = track(options, options.value === undefined ? [] : [options.value]);
  const write = (value: number): WidgetState => ({ value: checkWithin("value", value, bounds) });
  const kind = controlKind(whole ? "IntSlider" : "FloatSlider");
  const read = ({ value }: WidgetState): number => value as number;
  const initial = write(options.value ?? bounds[0]);
  return new Control(space, { name: "slider", kind, state: { ...state, ...initial }, read, write }, options);
}

/** Makes a slider with two handles. */
export function rangeSlider(space: WidgetSpace, options: SliderOptions<Range> = {}): ValueWidget<Range> {
  const { whole, bounds, state } = track(options, options.value ?? []);
  const write = (value: Range): WidgetState => {
    const [from, to] = value.map((end) => checkWithin("value", end, bounds));
    return { value: checkBounds(from, to) };
  };
  const kind = controlKind(whole ? "IntRangeSlider" : "FloatRangeSlider");
  const read = ({ value }: WidgetState): Range => value as Range;
  const initial = write(options.value ?? bounds);
  return new Control(space, { name: "range", kind, state: { ...state, ...initial }, read, write }, options);
}

interface Track {
  readonly whole: boolean;
  readonly bounds: readonly [number, number];
  readonly state: WidgetState;
}

/** What the handles move on. */
function track(options: SliderOptions<unknown>, values: readonly number[]): Track {
  const { min = 0, max = 100, vertical = false, continuous = true, readout = true } = options;
  const bounds = checkBounds(min, max);
  const whole = [min, max, options.step ?? 1, ...values].every(Number.isInteger);
  // Where there is nowhere to go, any step will do.
  const step = checkNumber("step", options.step ?? (whole ? 1 : (max - min) / 100 || 1));
  if (step <= 0) throw new RangeError(`step: expected a number > 0, got ${step}`);
  const format = options.format ?? (whole ? "d" : `.${Math.max(...[step, min, ...values].map(decimals))}f`);
  const orientation = vertical ? "vertical" : "horizontal";
  const state = { min, max, step, orientation, continuous_update: continuous, readout, readout_format: format };
  return { whole, bounds, state };
}

/** As many as it takes to tell two steps apart, where a handle stands at this number or moves by it. */
function decimals(number: number): number {
  const [, fraction = ""] = String(Number(number.toPrecision(3))).split(".");
  return Math.min(6, String(number).includes("e-") ? 6 : fraction.length);
}
