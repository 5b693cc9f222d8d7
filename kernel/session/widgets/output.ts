import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers";
import { captured, currentCell, type OutputCapture } from "../context.ts";
import { isPromise } from "../display/promise.ts";
import type { MimeBundle } from "../display/publisher.ts";
import type { ErrorDescription } from "../errors.ts";
import type { OutputWidget, WidgetOptions } from "./api.ts";
import { Captured } from "./captured.ts";
import { ShownWidget } from "./shown-widget.ts";
import type { WidgetSpace } from "./space.ts";

/** What comes is sent at most so often, */
const apartMs = 50;
/** after so many times what it took to send the last, */
const restPerCost = 20;
/** and after a millisecond for so many characters, as all of them are sent again. */
const charactersPerMs = 1000;

/** What output widgets need of the kernel around them. */
export interface OutputParts {
  readonly space: WidgetSpace;
  readonly display: (value: unknown) => Promise<void>;
  readonly describe: (error: unknown) => ErrorDescription;
}

/** A place for output: the outputs are a part of its state, so that every page and the saved notebook have them. */
export class OutputArea extends ShownWidget implements OutputWidget, OutputCapture {
  readonly #parts: OutputParts;
  readonly #captured = new Captured();
  readonly #flush = (): void => {
    this.flush();
  };
  #sent: Captured["outputs"];
  #nextMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;

  constructor(parts: OutputParts, options: WidgetOptions = {}) {
    const kind = { name: "Output", module: "@jupyter-widgets/output", version: "1.0.0" };
    super(parts.space, kind, { msg_id: "", outputs: [] }, options);
    this.#parts = parts;
    this.#sent = this.outputs;
  }

  /** What is shown. */
  get outputs(): Captured["outputs"] {
    return this.#captured.outputs;
  }

  async show(value: unknown): Promise<void> {
    await this.replace(() => value);
  }

  clear(): void {
    this.#captured.clear();
    this.flush();
  }

  capture<R>(call: () => R): R {
    try {
      const result = captured(this, call);
      return isPromise(result) ? (this.#follow(result) as R) : result;
    } finally {
      this.#later();
    }
  }

  /**
   * Calls a function, and shows what it gives, prints and displays, or its error, in place of what was there. What an earlier call that still goes
   * on would show goes nowhere.
   *
   * @param failed - is told of the error, too
   */
  async replace(call: () => unknown, failed?: (error: unknown) => void): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const shown = (): boolean => this.#turn === turn;
    const capture: OutputCapture = {
      print: (name, text) => {
        if (shown()) this.print(name, text);
      },
      take: (publication) => (shown() ? this.take(publication) : new Captured().take(publication)),
    };
    this.#captured.replaceNext();
    await captured(capture, async () => {
      try {
        const value = await call();
        if (value !== undefined) await this.#parts.display(value);
      } catch (error) {
        failed?.(error);
        capture.take({ type: "error", content: this.#parts.describe(error) });
      }
    });
    if (!shown()) return;
    this.#captured.end();
    this.flush();
  }

  print(name: "stdout" | "stderr", text: string): void {
    const { full } = this.#captured;
    this.#captured.print(name, text);
    // How much is missing is told at the end.
    if (full) this.#atEnd();
    else this.#later();
  }

  take(publication: Parameters<Captured["take"]>[0]): boolean {
    const taken = this.#captured.take(publication);
    if (taken) this.#later();
    return taken;
  }

  /** Sends what has come. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { outputs } = this;
    if (outputs === this.#sent) return;
    const startedMs = performance.now();
    this.model.replace({ outputs });
    this.#sent = outputs;
    const endedMs = performance.now();
    const restMs = Math.max(apartMs, restPerCost * (endedMs - startedMs), this.#captured.amount / charactersPerMs);
    this.#nextMs = endedMs + restMs;
  }

  /** What is shown, as text. */
  shownText(): string {
    const lines = this.outputs.map(({ text, data, traceback = [] }) => {
      const shown = text ?? (data as MimeBundle | undefined)?.["text/plain"];
      return typeof shown === "string" ? shown.trimEnd() : (traceback as string[]).join("\n");
    });
    return lines.join("\n");
  }

  override text(): string {
    return this.shownText() || "an empty output";
  }

  /** Also during a synchronous loop. */
  #later(): void {
    this.#atEnd();
    const waitMs = this.#nextMs - performance.now();
    if (waitMs <= 0) this.flush();
    else this.#timer ??= setTimeout(this.#flush, waitMs).unref();
  }

  /** The cell's end does not wait for a timer, and an interrupt ends the timers with the cell. */
  #atEnd(): void {
    const { finished, whenEnded } = currentCell();
    if (!finished) whenEnded.add(this.#flush);
  }

  async #follow<R>(result: Promise<R>): Promise<R> {
    try {
      return await result;
    } finally {
      this.#later();
    }
  }
}
