import { integer, oneOf, onlyOptions } from "../core/options.ts";
import type { Profiler } from "./profiler.ts";

/**
 * Choices of {@link binaryTranslation}.
 *
 * @example
 * ```ts
 * import { binaryTranslation, type TranslationOptions } from "veelab/vm-profiling";
 *
 * const plain: TranslationOptions = { mapBack: false };
 * console.log(binaryTranslation(plain).guestSample); // code cache
 * ```
 */
export interface TranslationOptions {
  /** Whether a program counter in the code cache is mapped back to the guest's; otherwise the cache is one place. True when not given. */
  readonly mapBack?: boolean;
  /** By how much translation lengthens guest code, a whole number. 8 when not given (assumption; QEMU's depends on the code). */
  readonly expansion?: number;
}

/**
 * System-wide profiling of guests that a binary translator runs (QEMU without hardware assistance): exits are calls of the
 * translator, and a sampled program counter lies in its code cache. Mapped back, it is always the right instruction: the model translates each
 * once, where a real translator may have several translations or none any more.
 *
 * @example
 * ```ts
 * import { binaryTranslation } from "veelab/vm-profiling";
 *
 * console.log(binaryTranslation({ expansion: 10 }).params["expansion"]); // 10
 * ```
 */
export function binaryTranslation(options: TranslationOptions = {}): Profiler {
  onlyOptions(options, ["mapBack", "expansion"]);
  const mapBack = oneOf("mapBack", options.mapBack ?? true, [true, false]);
  const expansion = integer("expansion", options.expansion ?? 8, { min: 1, max: 1000 });
  return {
    label: "binary translation",
    params: { mapBack, expansion },
    virtual: true,
    counts: { guest: true, vmm: true, other: true },
    counters: "pcpu",
    exchange: "never",
    exchanged: "registers",
    delivery: "at once",
    handler: mapBack ? "guest" : "host",
    trapped: false,
    guestSample: mapBack ? "function" : "code cache",
    translated: true,
    expansion,
  };
}
