import { byteLength, type KernelMessage } from "./message.ts";

/** How much text a kernel may print before the page is spared the rest. */
export interface OutputLimits {
  /** Messages of printed text a second, on average over the window. */
  readonly outputMessagesPerSecond: number;
  /** Bytes of printed text a second, on average over the window. */
  readonly outputBytesPerSecond: number;
  /** The window in seconds: so much can come at once. */
  readonly outputWindowS: number;
}

/**
 * A long window: a cell may print 30 MB at once, which is more than a page can show, but a loop that prints for ever is
 * cut to what a page can take.
 */
export const defaultOutputLimits: OutputLimits = {
  outputMessagesPerSecond: 1000,
  outputBytesPerSecond: 1_000_000,
  outputWindowS: 30,
};

/** Whether a message passes; for the first that does not, the text that says so. */
export type Verdict = { readonly passes: true } | { readonly passes: false; readonly notice?: string };

const pass: Verdict = { passes: true };

/**
 * Limits the text that a kernel prints. Displays, results, errors, statuses and replies always pass: without them the
 * notebook would be wrong, without the text it is only short.
 *
 * @param now the time in ms
 */
export function createOutputLimit(
  limits: OutputLimits,
  now: () => number = Date.now,
): (message: KernelMessage) => Verdict {
  const { outputMessagesPerSecond, outputBytesPerSecond, outputWindowS } = limits;
  const messages = new Allowance(outputMessagesPerSecond, outputWindowS, now);
  const bytes = new Allowance(outputBytesPerSecond, outputWindowS, now);
  /** The cell that was told. */
  let told: string | undefined;
  let exceeded = false;

  return (message) => {
    const { header, parent } = message;
    // What a new cell prints is measured anew, or "Run all" would be cut.
    if (header.msg_type === "execute_input") {
      messages.refill();
      bytes.refill();
      exceeded = false;
    }
    if (header.msg_type !== "stream") return pass;
    // Once cut, not every second message is let through.
    if (exceeded && messages.share() > resumeAt && bytes.share() > resumeAt) exceeded = false;
    if (!exceeded) {
      const what = !messages.take(1) ? "messages" : !bytes.take(byteLength(message)) ? "bytes" : undefined;
      if (what === undefined) return pass;
      exceeded = true;
      const cell = parent?.msg_id ?? "";
      if (told !== cell) {
        told = cell;
        return { passes: false, notice: notice(what, limits) };
      }
    }
    return { passes: false };
  };
}

/** The share of the window that must be free before printed text passes again. */
const resumeAt = 0.1;

function notice(what: "messages" | "bytes", limits: OutputLimits): string {
  const [limit, unit, option] =
    what === "bytes"
      ? [limits.outputBytesPerSecond, "bytes", "--output-bytes-per-second"]
      : [limits.outputMessagesPerSecond, "messages", "--output-messages-per-second"];
  return (
    `veelab: this cell prints more than ${limit} ${unit} a second over ${limits.outputWindowS} s: what it prints beyond ` +
    `that is not shown; displays, results and errors are. Start the server with a higher ${option} to see all.\n`
  );
}

/** A quantity that is used up, and grows back at a rate until it is full. */
class Allowance {
  readonly #rate: number;
  readonly #size: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  constructor(rate: number, windowS: number, now: () => number) {
    this.#rate = rate;
    this.#size = rate * windowS;
    this.#now = now;
    this.#left = this.#size;
    this.#at = now();
  }

  take(amount: number): boolean {
    this.#grow();
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  share(): number {
    this.#grow();
    return this.#left / this.#size;
  }

  refill(): void {
    this.#left = this.#size;
  }

  #grow(): void {
    const now = this.#now();
    this.#left = Math.min(this.#size, this.#left + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
  }
}
