// The entry of the third thread: TypeScript's language service. What it computes it computes without a pause, so it looks
// again and again whether somebody waits for something else.
import { parentPort, workerData } from "node:worker_threads";
import { complete } from "./completion.ts";
import { inspect } from "./inspection.ts";
import type { Answers, LanguageData, Question, ToClient, ToLanguage } from "./link.ts";
import { NotebookProgram } from "./notebook-program.ts";

/** Checks that nobody waits for begin when no cell has come for so long (ms): a run of all cells is not disturbed. */
const quietMs = 150;

class LanguageThread {
  readonly #post: (message: ToClient) => void;
  readonly #asked: Int32Array;
  readonly #notebook: NotebookProgram;
  readonly #questions: Question[] = [];
  /** Cells to check; those that somebody waits for with true. */
  readonly #checks = new Map<number, boolean>();
  #received = 0;
  #lastRan = -Infinity;
  #cancelled: () => boolean = () => false;
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor({ directory, asked }: LanguageData, post: (message: ToClient) => void) {
    this.#post = post;
    this.#asked = new Int32Array(asked);
    this.#notebook = new NotebookProgram(directory, () => this.#cancelled());
  }

  take(message: ToLanguage): void {
    if (message.type === "ran") {
      this.#lastRan = performance.now();
      for (const cell of this.#notebook.ran(message)) this.#checks.set(cell, false);
    } else if (message.type === "refused") {
      this.#notebook.refused(message.cell);
    } else if (message.type === "check") {
      this.#checks.set(message.cell, message.now || this.#checks.get(message.cell) === true);
    } else {
      this.#received += 1;
      this.#questions.push(message);
    }
    this.#soon ??= setImmediate(this.#step);
  }

  /** Loads what every answer needs: the libraries' types. */
  warm(): void {
    this.#attempt(() => complete(this.#notebook, "con", 3));
  }

  /** One piece of work, then a look at what has come. */
  readonly #step = (): void => {
    this.#soon = undefined;
    clearTimeout(this.#later);
    if (!this.#answer() && !this.#check()) return;
    this.#soon = setImmediate(this.#step);
  };

  #answer(): boolean {
    const question = this.#questions.shift();
    if (question === undefined) return false;
    const superseded = (): boolean => question.kind === "complete" && Atomics.load(this.#asked, 1) > question.turn;
    const value = superseded() ? undefined : this.#attempt(() => this.#valueOf(question), superseded);
    const { kind, id, at } = question;
    this.#post({
      type: "answer",
      id,
      value: value ?? (kind === "complete" ? { start: at, end: at, items: [] } : undefined),
    });
    return true;
  }

  #valueOf(question: Question): Answers[keyof Answers] {
    const { code, at } = question;
    return question.kind === "complete"
      ? complete(this.#notebook, code, at)
      : inspect(this.#notebook, code, at, question.detail);
  }

  #check(): boolean {
    // The oldest first: a cell is checked faster when those before it have been.
    const [cell] = this.#checks.keys();
    if (cell === undefined) return false;
    const urgent = [...this.#checks.values()].includes(true);
    const wait = this.#lastRan + quietMs - performance.now();
    if (!urgent && wait > 0) {
      this.#later = setTimeout(this.#step, wait);
      return false;
    }
    const asked = (): boolean => Atomics.load(this.#asked, 0) > this.#received;
    const problems = this.#attempt(() => this.#notebook.check(cell), asked);
    // A question came first: again after it.
    if (problems === undefined && asked()) return true;
    this.#checks.delete(cell);
    this.#post({ type: "problems", cell, problems });
    return true;
  }

  /** Whatever the text is, it must not end the thread: where the checker fails there is no answer. */
  #attempt<T>(work: () => T, cancelled: () => boolean = () => false): T | undefined {
    this.#cancelled = cancelled;
    try {
      return work();
    } catch {
      return undefined;
    } finally {
      this.#cancelled = () => false;
    }
  }
}

if (parentPort !== null) {
  const port = parentPort;
  const thread = new LanguageThread(workerData as LanguageData, (message) => {
    port.postMessage(message);
  });
  port.on("message", (message: ToLanguage) => {
    thread.take(message);
  });
  thread.warm();
}
