import { Worker } from "node:worker_threads";
import { toCodePoints, toCodeUnits } from "./code-points.ts";
import type {
  Answers,
  Completion,
  Inspection,
  LanguageData,
  RanCell,
  ToClient,
  ToLanguage,
  TypeProblem,
} from "./link.ts";

/** A question that has not been answered by then (ms) is answered with nothing. */
const patienceMs = 10_000;
/** The same for the first ones, while TypeScript is loaded. */
const startMs = 60_000;
/** As long (ms) is waited for a check whose result must not depend on time. */
const checkMs = 300_000;
/** The thread is started of itself when no cell has come for so long (ms): loading TypeScript takes a second from a run of all cells. */
const quietMs = 150;
/** A thread that ends so often is not started again. */
const mostCrashes = 5;

/** What the kernel asks of TypeScript. Places of a text count code points here, as in the protocol. */
export interface LanguageService {
  complete(code: string, cursor: number): Promise<Completion>;
  inspect(code: string, cursor: number, detail: 0 | 1): Promise<Inspection | undefined>;
  /** A cell starts to run: from now on its names are known. */
  ran(cell: RanCell): void;
  /** The cell that was announced last did not run: it was refused as no TypeScript. */
  refused(cell: number): void;
  /** Asks for a cell's problems; they come by `problems`, when there is nothing else to do. */
  checkLater(cell: number): void;
  /** A cell's problems as soon as possible; undefined where it could not be checked. */
  check(cell: number): Promise<readonly TypeProblem[] | undefined>;
  /** Whoever waits for a check waits no longer: that cell could not be checked. */
  giveUp(): void;
}

/** What a language service is made of. */
export interface LanguageParts {
  /** The notebook's folder. */
  readonly directory: string;
  /** Takes the problems of a cell that was checked later, and again whenever they have changed. */
  readonly problems: (cell: number, problems: readonly TypeProblem[]) => void;
  readonly log: (line: string) => void;
  /** What the thread may use; what Node grants, where it is not given. */
  readonly memoryMb?: number;
}

/**
 * The language service on a thread of its own. It starts with the first question, or in the first quiet moment after a cell that is to be checked; if it ends,
 * whoever waits has the empty answer, and the next question finds a new one that knows the same cells.
 */
export function createLanguageService({ directory, problems, log, memoryMb }: LanguageParts): LanguageService {
  const asked = new Int32Array(new SharedArrayBuffer(8));
  const cells: RanCell[] = [];
  const refused = new Set<number>();
  const answers = new Map<number, (value: Answers[keyof Answers]) => void>();
  const checks = new Map<number, (problems: readonly TypeProblem[] | undefined) => void>();
  /** Checks that wait for the thread's start. */
  const early = new Set<number>();
  let quiet: NodeJS.Timeout | undefined;
  let worker: Worker | undefined;
  let ready = false;
  let crashes = 0;
  let questions = 0;

  const take = (message: ToClient): void => {
    ready = true;
    if (message.type === "answer") {
      answers.get(message.id)?.(message.value);
      return;
    }
    const waiting = checks.get(message.cell);
    if (waiting !== undefined) waiting(message.problems);
    else if (message.problems !== undefined) problems(message.cell, message.problems);
  };
  const giveUp = (): void => {
    for (const answer of [...checks.values()]) answer(undefined);
  };
  const lost = (gone: Worker, reason: string): void => {
    if (worker !== gone) return;
    worker = undefined;
    ready = false;
    crashes += 1;
    log(`the language service ended: ${reason}`);
    for (const answer of [...answers.values()]) answer(undefined);
    giveUp();
  };
  const start = (): Worker | undefined => {
    clearTimeout(quiet);
    if (worker !== undefined || crashes > mostCrashes) return worker;
    // The thread counts what it receives: what its predecessor was asked never comes.
    Atomics.store(asked, 0, 0);
    const workerData: LanguageData = { directory, asked: asked.buffer };
    // The checker follows a chain of inferences by recursion.
    const stack = { stackSizeMb: 32 };
    const resourceLimits = memoryMb === undefined ? stack : { ...stack, maxOldGenerationSizeMb: memoryMb };
    const started = new Worker(threadUrl(), { workerData, resourceLimits });
    worker = started;
    started.on("message", take);
    started.on("error", (error) => {
      lost(started, error.message);
    });
    started.on("exit", () => {
      lost(started, "its thread is gone");
    });
    // The kernel ends when its other threads do.
    started.unref();
    for (const ran of cells) {
      post({ type: "ran", ...ran });
      if (refused.has(ran.cell)) post({ type: "refused", cell: ran.cell });
    }
    for (const cell of early) post({ type: "check", cell, now: false });
    early.clear();
    return started;
  };
  const startWhenQuiet = (): void => {
    clearTimeout(quiet);
    if (worker === undefined) quiet = setTimeout(start, quietMs).unref();
  };
  const post = (message: ToLanguage): void => {
    worker?.postMessage(message);
  };
  const withPatience = <T>(
    register: (resolve: (value: T) => void) => void,
    otherwise: T,
    forget: () => void,
    limit: number,
  ): Promise<T> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        forget();
        resolve(otherwise);
      }, limit);
      register((value) => {
        clearTimeout(timer);
        forget();
        resolve(value);
      });
    });
  const ask = <K extends keyof Answers>(
    question: Omit<Extract<ToLanguage, { readonly kind: K }>, "type" | "id">,
  ): Promise<Answers[K] | undefined> => {
    if (start() === undefined) return Promise.resolve(undefined);
    questions += 1;
    const id = questions;
    return withPatience<Answers[K] | undefined>(
      (resolve) => {
        answers.set(id, resolve as (value: Answers[keyof Answers]) => void);
        Atomics.add(asked, 0, 1);
        post({ type: "ask", id, ...question } as unknown as ToLanguage);
      },
      undefined,
      () => answers.delete(id),
      ready ? patienceMs : startMs,
    );
  };

  return {
    async complete(code, cursor) {
      const at = toCodeUnits(code, cursor);
      const turn = Atomics.add(asked, 1, 1) + 1;
      const found = (await ask<"complete">({ kind: "complete", code, at, turn })) ?? { start: at, end: at, items: [] };
      return { ...found, start: toCodePoints(code, found.start), end: toCodePoints(code, found.end) };
    },
    inspect: (code, cursor, detail) => ask<"inspect">({ kind: "inspect", code, at: toCodeUnits(code, cursor), detail }),
    ran(cell) {
      cells.push(cell);
      post({ type: "ran", ...cell });
      if (early.size > 0) startWhenQuiet();
    },
    refused(cell) {
      refused.add(cell);
      post({ type: "refused", cell });
    },
    checkLater(cell) {
      if (worker !== undefined) post({ type: "check", cell, now: false });
      else {
        early.add(cell);
        startWhenQuiet();
      }
    },
    check(cell) {
      if (start() === undefined) return Promise.resolve(undefined);
      return withPatience<readonly TypeProblem[] | undefined>(
        (resolve) => {
          checks.set(cell, resolve);
          post({ type: "check", cell, now: true });
        },
        undefined,
        () => checks.delete(cell),
        checkMs,
      );
    },
    giveUp,
  };
}

/** A worker is JavaScript: from the sources, as in a test, it is the built one that is meant. */
function threadUrl(): URL {
  const built = import.meta.url.endsWith(".ts") ? "../../../dist/kernel/session/language/" : "./";
  return new URL(`${built}language-thread.js`, import.meta.url);
}
