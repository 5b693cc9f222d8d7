import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers";
import { captured, type OutputCapture } from "../context.ts";
import { isPromise } from "../display/promise.ts";
import type { MimeBundle } from "../display/publisher.ts";
import type { ErrorDescription } from "../errors.ts";
import type { OutputWidget, WidgetOptions } from "./api.ts";
import { Captured } from "./captured.ts";
import { ShownWidget } from "./shown-widget.ts";
import type { WidgetSpace } from "./space.ts";

/** Printed text is sent at most so often. */
const apartMs = 50;

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
  #sentMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: OutputParts, options: WidgetOptions = {}) {
    const kind = { name: "Output", module: "@jupyter-widgets/output", version: "1.0.0" };
    super(parts.space, kind, { msg_id: "", outputs: [] }, options);
    this.#parts = parts;
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
      this.flush();
    }
  }

  /** Calls a function, and shows what it gives, prints and displays, or its error, in place of what was there. */
  async replace(call: () => unknown): Promise<void> {
    this.#captured.replaceNext();
    await captured(this, async () => {
      try {
        const value = await call();
        if (value !== undefined) await this.#parts.display(value);
      } catch (error) {
        this.#fail(error);
      }
    });
    this.#captured.end();
    this.flush();
  }

  print(name: "stdout" | "stderr", text: string): void {
    this.#captured.print(name, text);
    this.#later();
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
    this.#sentMs = performance.now();
    this.model.set({ outputs: this.outputs });
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
    if (performance.now() - this.#sentMs > apartMs) this.flush();
    else
      this.#timer ??= setTimeout(() => {
        this.flush();
      }, apartMs).unref();
  }

  async #follow<R>(result: Promise<R>): Promise<R> {
    try {
      return await result;
    } finally {
      this.flush();
    }
  }

  #fail(error: unknown): void {
    this.#captured.take({ type: "error", content: this.#parts.describe(error) });
  }
}
