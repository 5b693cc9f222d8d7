import { gzipSync } from "node:zlib";
import { integer, onlyOptions } from "../core/options.ts";
import type { Trace } from "../traces/source.ts";
import { framedStacks } from "./stacks-of.ts";

/**
 * Choices of {@link toPprof}.
 *
 * @example
 * ```ts
 * import type { PprofOptions } from "veelab/vm-profiling";
 *
 * const options: PprofOptions = { event: "cycles", unit: "count", period: 100_000 };
 * console.log(options.event);
 * ```
 */
export interface PprofOptions {
  /** What was sampled: `cycles`, `cpu`. */
  readonly event: string;
  /** Unit of the weights: `count`, `nanoseconds`. */
  readonly unit: string;
  /** Between samples, in that unit, a whole number. */
  readonly period: number;
}

/** A protocol buffers message while it is written: fields of type varint, and of bytes. */
class Message {
  readonly #bytes: number[] = [];

  /** Appends a whole number from 0 to 2^53 − 1 in groups of seven bits, the lowest first. */
  #varint(value: number): void {
    let left = value;
    while (left >= 128) {
      this.#bytes.push((left % 128) + 128);
      left = Math.floor(left / 128);
    }
    this.#bytes.push(left);
  }

  number(field: number, value: number): this {
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  numbers(field: number, values: readonly number[]): this {
    const packed = new Message();
    for (const value of values) packed.#varint(value);
    return this.bytes(field, packed.#bytes);
  }

  bytes(field: number, bytes: Iterable<number> & { readonly length: number }): this {
    this.#varint(field * 8 + 2);
    this.#varint(bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  message(field: number, message: Message): this {
    return this.bytes(field, message.#bytes);
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/**
 * A profile (`stack` and `weight`) as a file for `go tool pprof` and its kin: gzipped protocol buffers as
 * https://github.com/google/pprof/blob/main/proto/profile.proto describes them. Weights are rounded to whole numbers; each function has one
 * location, without an address. No time is written, so equal profiles are equal files. One pass; memory for the file.
 *
 * @throws OptionError for a trace without weight or without those columns
 *
 * @example
 * ```ts
 * import { toPprof } from "veelab/vm-profiling";
 *
 * const file = await toPprof("profile/qemu", { event: "cpu", unit: "nanoseconds", period: 5_025_125 });
 * console.log(file[0] === 0x1f && file[1] === 0x8b); // gzip
 * ```
 */
export async function toPprof(trace: Trace, options: PprofOptions): Promise<Uint8Array> {
  onlyOptions(options, ["event", "unit", "period"]);
  const { event, unit } = options;
  const period = integer("period", options.period, { min: 1 });
  const { frames, stacks, weights } = await framedStacks(trace);
  // The first text must be empty; a function's name follows its number.
  const texts = ["", "samples", "count", event, unit, ...frames];
  const [samples, count, eventText, unitText, firstFrame] = [1, 2, 3, 4, 5];
  const type = (name: number, of: number): Message => new Message().number(1, name).number(2, of);
  const file = new Message().message(1, type(samples, count)).message(1, type(eventText, unitText));
  for (const [index, stack] of stacks.entries()) {
    const weight = Math.round(weights[index]!);
    const locations = stack.toReversed().map((frame) => frame + 1); // leaf first; 0 is no location
    file.message(2, new Message().numbers(1, locations).numbers(2, [Math.round(weight / period), weight]));
  }
  for (const id of frames.keys())
    file.message(4, new Message().number(1, id + 1).message(4, new Message().number(1, id + 1)));
  for (const id of frames.keys()) file.message(5, new Message().number(1, id + 1).number(2, firstFrame + id));
  for (const text of texts) file.bytes(6, Buffer.from(text));
  file.message(11, type(eventText, unitText)).number(12, period);
  return gzipSync(file.done());
}
