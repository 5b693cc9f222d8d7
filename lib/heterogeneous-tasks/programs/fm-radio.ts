import { OptionError } from "../../core/errors.ts";
import { integer } from "../../core/options.ts";
import { feedback, relocatable, split, type Stream } from "../stream.ts";
import { reduce, task } from "../task.ts";
import { value } from "../value.ts";

/**
 * A filter with a finite impulse response that keeps every so-manieth element: y[n] = Σ taps[i]·x[n·decimation + decimation − 1 − i], x being 0 before the first.
 *
 * @param decimation - elements taken for one given; at most as many as taps
 * @throws OptionError for numbers out of range
 *
 * @example
 * ```ts
 * import { fir, graph, run, sink, source } from "veelab/heterogeneous-tasks";
 * const mean = graph(source("f32").to(fir("mean", [0.5, 0.5], 2)).to(sink("f32")));
 * console.log(run(mean, [1, 3, 5, 7])); // Float32Array [ 2, 6 ]
 * ```
 */
export function fir(label: string, taps: readonly number[], decimation = 1): Stream {
  if (taps.length === 0) throw new OptionError("taps", "one number or more", taps);
  const takes = integer("decimation", decimation, { min: 1, max: taps.length });
  const values = { taps: value("f32", taps) };
  return task({ label, input: "f32", takes, history: taps.length - takes, values }, (x, y, { taps }) => {
    let sum = Math.fround(0);
    for (let i = 0; i < taps.length; i++) sum += taps[i]! * x[taps.length - 1 - i]!;
    y[0] = sum;
  });
}

/**
 * What a receiver is made of.
 *
 * @example
 * ```ts
 * import { fmRadio, type FmRadioOptions } from "veelab/heterogeneous-tasks";
 * const options: FmRadioOptions = { channel: [0.5, 0.5], decimation: 2, smoothing: 0.25, bands: [[1], [0.5, -0.5]] };
 * console.log(fmRadio(options).output); // f32
 * ```
 */
export interface FmRadioOptions {
  /** The taps of the low-pass filter of both parts of the signal. */
  readonly channel: readonly number[];
  /** How many samples make one behind it. */
  readonly decimation: number;
  /** De-emphasis: the share of the new sample in y[n] = s·x[n] + (1 − s)·y[n − 1]. */
  readonly smoothing: number;
  /** The taps of each band of the equaliser, whose outputs are added. */
  readonly bands: readonly (readonly number[])[];
}

/**
 * A receiver in the manner of StreamIt's FMRadio: takes real and imaginary parts of samples in turn, filters and decimates both, tells the change of phase
 * by the discriminator Im(z[n]·z*[n−1]) / |z[n]|² (its sine, for signals of constant size; 0 where z is 0), smooths it in a loop, and adds bands of an equaliser.
 * The tasks before the loop and those behind it are in relocation brackets.
 *
 * @throws OptionError for numbers out of range
 *
 * @example
 * ```ts
 * import { fmRadio, graph, run, sink, source } from "veelab/heterogeneous-tasks";
 * const radio = fmRadio({ channel: [1], decimation: 1, smoothing: 1, bands: [[1]] });
 * // A quarter of a turn a sample.
 * console.log(run(graph(source("f32").to(radio).to(sink("f32"))), [1, 0, 0, 1, -1, 0])); // Float32Array [ 0, 1, 1 ]
 * ```
 */
export function fmRadio({ channel, decimation, smoothing, bands }: FmRadioOptions): Stream {
  const part = fir("channel", channel, decimation);
  const both = split([part, part], { share: [1, 1], join: [1, 1] });
  const demodulated = task({ label: "discriminator", input: "f32", takes: 2, history: 2 }, (x, y) => {
    const size = x[2]! * x[2]! + x[3]! * x[3]!;
    y[0] = size > 0 ? (x[3]! * x[0]! - x[2]! * x[1]!) / size : 0;
  });
  const values = { share: value("f32", smoothing), rest: value("f32", 1 - smoothing) };
  const smooth = task({ label: "smooth", input: "f32", takes: 2, values }, (x, y, { share, rest }) => {
    y[0] = share * x[0]! + rest * x[1]!;
  });
  const emphasis = feedback(smooth, { join: [1, 1], share: "duplicate", delay: value("f32", [0]) });
  const equaliser = split(
    bands.map((taps, at) => fir(`band ${at + 1}`, taps)),
    { share: "duplicate", join: bands.map(() => 1) },
  );
  const sum = reduce({ label: "sum", input: "f32", of: bands.length }, (a, b) => a + b);
  return relocatable(both.to(demodulated))
    .to(emphasis)
    .to(relocatable(equaliser.to(sum)));
}
