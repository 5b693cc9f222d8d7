/** An environment variable with how much a cell may print, in millions of characters; 0 for no limit. */
export const printVariable = "VEELAB_PRINT_MB";

/** More than a person can read and a notebook can hold: its file is one text of JSON, of which V8 takes 536 million characters. */
const usual = 128;

/** A change from one stream to the other makes a message, which costs as much as so many characters. */
const changeCost = 256;

/** What a cell has printed; changes as it prints. */
export interface Printed {
  /** Characters, with what changes of the stream cost. */
  amount: number;
  last: "stdout" | "stderr";
}

/** How much a cell may print. A cell that prints without end would fill the memory of whoever keeps its outputs. */
export class PrintLimit {
  readonly #most: number;

  constructor(environment: NodeJS.ProcessEnv) {
    const given = Number(environment[printVariable] ?? usual);
    this.#most = 1e6 * (Number.isFinite(given) && given >= 0 ? given || Infinity : usual);
  }

  /** How many of the next characters pass. */
  take(printed: Printed, name: "stdout" | "stderr", length: number): number {
    const left = this.#most - printed.amount;
    printed.amount += length + (name === printed.last ? 0 : changeCost);
    printed.last = name;
    return Math.max(0, Math.min(length, left));
  }

  /** What is said in place of the first text that does not pass. */
  notice(): string {
    return (
      `\nveelab: a cell may print ${this.#most / 1e6} million characters; what this one prints beyond that is left out ` +
      `(${printVariable}=1000 in the environment allows a thousand million, ${printVariable}=0 any number)\n`
    );
  }

  /** What is said at the cell's end; nothing where all has passed. */
  summary({ amount }: Printed): string | undefined {
    const over = amount - this.#most;
    return over > 0 ? `veelab: about ${Math.ceil(over / 1e6)} million characters were left out\n` : undefined;
  }
}
