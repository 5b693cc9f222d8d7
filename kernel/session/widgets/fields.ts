import { plainText } from "../display/render.ts";
import type {
  ButtonLook,
  CheckOptions,
  NumberOptions,
  ProgressOptions,
  TextOptions,
  ValueWidget,
  WidgetOptions,
} from "./api.ts";
import { checkBounds, checkNumber, checkWithin } from "./check.ts";
import { Control } from "./control.ts";
import { controlKind, type WidgetState } from "./model.ts";
import type { WidgetSpace } from "./space.ts";

/** Makes a field for a number. */
export function number(space: WidgetSpace, options: NumberOptions = {}): ValueWidget<number> {
  const { min, max, step } = options;
  const bounded = min !== undefined || max !== undefined;
  const bounds = checkBounds(min ?? -Number.MAX_VALUE, max ?? Number.MAX_VALUE);
  const value = options.value ?? min ?? Math.min(0, bounds[1]);
  const whole = [value, min ?? 0, max ?? 0, step ?? 1].every(Number.isInteger);
  const kind = controlKind(
    `${bounded ? "Bounded" : ""}${whole ? "Int" : "Float"}Text`,
    whole ? "IntText" : "FloatText",
  );
  const limits = bounded ? { min: bounds[0], max: bounds[1] } : {};
  const steps = { step: step === undefined ? (whole ? 1 : null) : checkNumber("step", step) };
  const write = (value: number): WidgetState => ({ value: checkWithin("value", value, bounds) });
  return new Control(
    space,
    { name: "number", kind, state: { ...limits, ...steps, ...write(value) }, read: readNumber, write },
    options,
  );
}

/** Makes a bar. */
export function progress(space: WidgetSpace, options: ProgressOptions = {}): ValueWidget<number> {
  const { min = 0, max = 100, look = "" } = options;
  const bounds = checkBounds(min, max);
  const write = (value: number): WidgetState => ({ value: checkWithin("value", value, bounds) });
  const state = { min, max, bar_style: look, ...write(options.value ?? min) };
  const kind = controlKind("FloatProgress", "Progress");
  return new Control(space, { name: "progress", kind, state, read: readNumber, write }, options);
}

/** Makes a box to tick. */
export function checkbox(space: WidgetSpace, options: CheckOptions = {}): ValueWidget<boolean> {
  const state = { indent: false, ...writeBoolean(options.value ?? false) };
  const kind = controlKind("Checkbox");
  return new Control(space, { name: "checkbox", kind, state, read: readBoolean, write: writeBoolean }, options);
}

/** Makes a button that stays pressed. */
export function toggle(space: WidgetSpace, options: CheckOptions & ButtonLook = {}): ValueWidget<boolean> {
  const state = { button_style: options.look ?? "", icon: options.icon ?? "", ...writeBoolean(options.value ?? false) };
  const kind = controlKind("ToggleButton");
  return new Control(space, { name: "toggle", kind, state, read: readBoolean, write: writeBoolean }, options);
}

/** Makes a field for text, of the given kind. */
export function text(
  space: WidgetSpace,
  name: "Text" | "Textarea" | "Password",
  options: TextOptions & { readonly rows?: number } = {},
): ValueWidget<string> {
  const { placeholder = "", continuous = true, rows, value = "" } = options;
  const lines = rows === undefined ? {} : { rows: checkNumber("rows", rows) };
  const state = { placeholder, continuous_update: continuous, ...lines, ...writeText(value) };
  const kind = controlKind(name);
  const secret = name === "Password";
  return new Control(
    space,
    { name: name.toLowerCase(), secret, kind, state, read: readText, write: writeText },
    options,
  );
}

/** Makes a text that is shown, of the given kind. */
export function shownText(
  space: WidgetSpace,
  name: "Label" | "HTML",
  value = "",
  options: WidgetOptions = {},
): ValueWidget<string> {
  const parts = { name: name.toLowerCase(), kind: controlKind(name), state: writeText(value), read: readText };
  return new Control(space, { ...parts, write: writeText }, options);
}

function readNumber({ value }: WidgetState): number {
  return value as number;
}

function readBoolean({ value }: WidgetState): boolean {
  return value === true;
}

function writeBoolean(value: boolean): WidgetState {
  if (typeof value === "boolean") return { value };
  throw new TypeError(`value: expected true or false, got ${plainText(value)}`);
}

function readText({ value }: WidgetState): string {
  return value as string;
}

function writeText(value: string): WidgetState {
  if (typeof value === "string") return { value };
  throw new TypeError(`value: expected a text, got ${plainText(value)}`);
}
