import type { Publication } from "../../protocol/messages.ts";

/** An output as notebooks have it (nbformat). */
export type CapturedOutput = Readonly<Record<string, unknown>> & { readonly output_type: string };

/** Outputs that were caught on their way to a cell, as a cell would show them. */
export class Captured {
  #outputs: readonly CapturedOutput[] = [];
  readonly #ids = new Map<string, number[]>();
  #clearNext = false;

  get outputs(): readonly CapturedOutput[] {
    return this.#outputs;
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
    this.#outputs = [];
    this.#ids.clear();
    this.#clearNext = false;
  }

  print(name: "stdout" | "stderr", text: string): void {
    this.#clearIfDue();
    const last = this.#outputs.at(-1);
    if (last?.output_type === "stream" && last["name"] === name)
      this.#outputs = [...this.#outputs.slice(0, -1), { ...last, text: `${String(last["text"])}${text}` }];
    else this.#outputs = [...this.#outputs, { output_type: "stream", name, text }];
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
    this.#outputs = [...this.#outputs, { output_type: type, ...output }];
    return true;
  }

  #update(content: Extract<Publication, { type: "update_display_data" }>["content"]): boolean {
    const places = this.#ids.get(content.transient?.display_id ?? "") ?? [];
    if (places.length === 0) return false;
    const { data, metadata } = plain(content);
    this.#outputs = this.#outputs.map((output, place) =>
      places.includes(place) ? { ...output, data, metadata } : output,
    );
    return true;
  }

  #clearIfDue(): void {
    if (this.#clearNext) this.clear();
  }
}

/** What JSON keeps of it: an output is a value, and what is in it may change later. */
function plain(content: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(content)) as Record<string, unknown>;
}
