import type { Publication } from "../../protocol/messages.ts";

/** An output as notebooks have it (nbformat). */
export type CapturedOutput = Readonly<Record<string, unknown>> & { readonly output_type: string };

/** More text than a person reads in a widget; all of it is sent again with every change. */
const mostText = 1_000_000;

/** An output of its own costs as much as so many characters. */
const outputCost = 256;

/** Outputs that were caught on their way to a cell, as a cell would show them. */
export class Captured {
  #outputs: readonly CapturedOutput[] = [];
  readonly #ids = new Map<string, number[]>();
  #clearNext = false;
  #amount = 0;
  #missing = 0;
  #shown: readonly CapturedOutput[] | undefined;

  /** The same list until something has changed. */
  get outputs(): readonly CapturedOutput[] {
    this.#shown ??= this.#missing === 0 ? this.#outputs : [...this.#outputs, notice(this.#missing)];
    return this.#shown;
  }

  /** How much text there is, in characters. */
  get amount(): number {
    return this.#amount;
  }

  /** Whether text has been left out. */
  get full(): boolean {
    return this.#missing > 0;
  }

  /** The next output takes the place of those that are here. */
  replaceNext(): void {
    this.#clearNext = true;
  }

  /** Nothing more comes: what was to be replaced goes, though nothing took its place. */
  end(): void {
    this.#clearIfDue();
  }

  clear(): void {
    this.#change([]);
    this.#amount = 0;
    this.#missing = 0;
    this.#ids.clear();
    this.#clearNext = false;
  }

  print(name: "stdout" | "stderr", text: string): void {
    this.#clearIfDue();
    const last = this.#outputs.at(-1);
    const joins = last?.output_type === "stream" && last["name"] === name;
    const passing = text.slice(0, Math.max(0, mostText - this.#amount));
    this.#missing += text.length - passing.length;
    this.#amount += passing.length + (joins ? 0 : outputCost);
    if (passing === "") this.#shown = undefined;
    else if (joins)
      this.#change([...this.#outputs.slice(0, -1), { ...last, text: `${String(last["text"])}${passing}` }]);
    else this.#change([...this.#outputs, { output_type: "stream", name, text: passing }]);
  }

  /** Takes what can stand in an output; other publications go their way. */
  take({ type, content }: Publication): boolean {
    if (type === "clear_output") {
      if (content.wait) this.#clearNext = true;
      else this.clear();
      return true;
    }
    if (type === "update_display_data") return this.#update(content);
    if (type !== "display_data" && type !== "execute_result" && type !== "error") return false;
    this.#clearIfDue();
    const { transient, ...output } = plain(content);
    const id = (transient as { display_id?: string } | undefined)?.display_id;
    if (id !== undefined) this.#ids.set(id, [...(this.#ids.get(id) ?? []), this.#outputs.length]);
    this.#change([...this.#outputs, { output_type: type, ...output }]);
    return true;
  }

  #update(content: Extract<Publication, { type: "update_display_data" }>["content"]): boolean {
    const places = this.#ids.get(content.transient?.display_id ?? "") ?? [];
    if (places.length === 0) return false;
    const { data, metadata } = plain(content);
    this.#change(
      this.#outputs.map((output, place) => (places.includes(place) ? { ...output, data, metadata } : output)),
    );
    return true;
  }

  #change(outputs: readonly CapturedOutput[]): void {
    this.#outputs = outputs;
    this.#shown = undefined;
  }

  #clearIfDue(): void {
    if (this.#clearNext) this.clear();
  }
}

function notice(missing: number): CapturedOutput {
  const text = `\nveelab: an output widget holds ${mostText / 1e6} million characters of text; ${missing} more are left out\n`;
  return { output_type: "stream", name: "stderr", text };
}

/** What JSON keeps of it: an output is a value, and what is in it may change later. */
function plain(content: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(content)) as Record<string, unknown>;
}
