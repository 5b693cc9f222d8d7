/** The time of a capture: since its beginning, without the stretches in which the guest was stopped. */
export class GuestClock {
  readonly #zeroMicros: number = Date.now() * 1000;
  readonly #pauses: { readonly fromMicros: number; untilMicros: number }[] = [];

  /** The guest has been stopped. */
  stop(): void {
    this.#pauses.push({ fromMicros: Date.now() * 1000, untilMicros: Infinity });
  }

  /** The guest is about to go on. */
  go(): void {
    this.#pauses.at(-1)!.untilMicros = Date.now() * 1000;
  }

  /** Nanoseconds now. */
  now(): number {
    return this.guestTime(Date.now() * 1000);
  }

  /** Nanoseconds at a time of the system's clock. */
  guestTime(systemMicros: number): number {
    let stopped = 0;
    for (const { fromMicros, untilMicros } of this.#pauses)
      if (systemMicros > fromMicros) stopped += Math.min(systemMicros, untilMicros) - fromMicros;
    return Math.round(systemMicros - this.#zeroMicros - stopped) * 1000;
  }
}
