import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { clearInterval, setInterval } from "node:timers";
import { currentCell, type CellContext } from "./context.ts";
import { progressBundle, stoppedBundle, type ProgressState } from "./display/progress-bundle.ts";
import type { DisplayPublisher } from "./display/publisher.ts";
import { progressApiKey, type OpenProgress, type ProgressBar, type ProgressOptions } from "./progress-api.ts";

/** What takes less time than this shows no bar. */
const appearMs = 500;
/** Updates are at least this far apart: more of them nobody sees, and a tight loop would flood the front end. */
const apartMs = 100;

/** Gives cells and the libraries that they use the way to progress bars. */
export function installProgress(publisher: DisplayPublisher): void {
  const open: OpenProgress = (options) => {
    const cell = currentCell();
    return cell.attended && !cell.finished ? new ShownProgress(publisher, cell, options) : unseen;
  };
  Object.defineProperty(globalThis, progressApiKey, { value: open });
}

/** Where nobody watches, and what is shown is what will be saved, there is no bar: it depends on the machine's speed. */
const unseen: ProgressBar = { update: () => undefined, advance: () => undefined, end: () => undefined };

class ShownProgress implements ProgressBar {
  readonly #publisher: DisplayPublisher;
  readonly #cell: CellContext;
  readonly #total: number | null;
  readonly #label: string;
  readonly #transient = { display_id: randomUUID() };
  readonly #openedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #done = 0;
  #note = "";
  #drawnMs = -Infinity;
  #shown = false;
  #ended = false;

  constructor(publisher: DisplayPublisher, cell: CellContext, { total, label = "" }: ProgressOptions) {
    this.#publisher = publisher;
    this.#cell = cell;
    this.#total = total ?? null;
    this.#label = label;
    cell.whenEnded.add(this.#stop);
    // For code that waits: it shows the bar and moves the clock between updates.
    this.#timer = setInterval(() => {
      this.#draw();
    }, appearMs).unref();
  }

  update(done: number, note: string = this.#note): void {
    this.#done = done;
    this.#note = note;
    if (this.#total !== null && done >= this.#total) this.end();
    else this.#draw();
  }

  advance(steps = 1, note: string = this.#note): void {
    this.update(this.#done + steps, note);
  }

  end(): void {
    if (this.#ended) return;
    this.#close();
    // The protocol cannot take one display away. A display without any form is nothing to see.
    if (this.#shown) this.#publisher.publish({}, { transient: this.#transient, update: true });
  }

  readonly #stop = (): void => {
    this.#close();
    if (this.#shown)
      this.#publisher.publish(stoppedBundle(this.#state(0)), { transient: this.#transient, update: true });
  };

  #close(): void {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#cell.whenEnded.delete(this.#stop);
  }

  #draw(): void {
    if (this.#ended) return;
    const now = performance.now();
    const passedMs = now - this.#openedMs;
    if (passedMs < appearMs || now - this.#drawnMs < apartMs) return;
    this.#drawnMs = now;
    const bundle = progressBundle(this.#state(passedMs / 1000));
    this.#publisher.publish(bundle, { transient: this.#transient, update: this.#shown });
    this.#shown = true;
  }

  #state(seconds: number): ProgressState {
    return { done: this.#done, total: this.#total, label: this.#label, note: this.#note, seconds };
  }
}
