import type { Runtime } from "node:inspector";
import type { MessagePort } from "node:worker_threads";
import type { Engine } from "./engine.ts";
import { putAnswer } from "./answer-memory.ts";
import { createHeapWatch, outOfMemory } from "./heap-watch.ts";
import { Inbox, type InboxEvents } from "./inbox.ts";
import { interruptExpression } from "./interrupt-expression.ts";
import type { CellOutcome, ToSockets, ToUser } from "./link.ts";
import { MainSession } from "./main-session.ts";
import { Questions, type QuestionParts } from "./questions.ts";
import { RingReader } from "./ring.ts";

/** A pause between two tries to interrupt, while the other thread was inside Node's own bookkeeping. */
const retryMs = 1;
/** How often a cell that was terminated is asked to answer, until it has. */
const nudgeMs = 20;

/** The thread of user code, seen from the thread of the sockets. */
export function createThreadEngine(
  port: MessagePort,
  memory: SharedArrayBuffer,
  events: Pick<InboxEvents, "output"> & {
    readonly questions: Pick<QuestionParts, "send" | "log">;
    /** Where a debugger has stopped the program: what lets it end instead of going on. */
    readonly stopped: () => (() => Promise<void>) | undefined;
    /** How much V8 gives to that thread's heap, bytes. */
    readonly heapLimit: number;
  },
): Engine & {
  /** Whether a cell runs, or code that a comm's message set off. */
  busy(): boolean;
} {
  const post = (message: ToUser): void => {
    port.postMessage(message);
  };
  const running = new Map<number, (outcome: CellOutcome) => void>();
  let interrupts = 0;
  const handled = new Map<number, () => void>();
  const session = new MainSession();

  const questions = new Questions({
    ...events.questions,
    answer({ question, memory: waiting }, value) {
      if (waiting === undefined) post({ type: "answer", question, value });
      else putAnswer(waiting, value);
    },
  });
  const inbox = new Inbox(new RingReader(memory), {
    output: events.output,
    ask(question) {
      questions.ask(question);
    },
    handled(cell) {
      handled.get(cell)?.();
      handled.delete(cell);
    },
    done(cell, outcome) {
      running.get(cell)?.(outcome);
    },
  });
  port.on("message", (message: ToSockets) => {
    if (message.type === "stopped") post({ type: "wake" });
    else inbox.take(message);
  });

  /** Runs a little JavaScript on the thread of user code, wherever it is just now: also inside a loop. */
  const onMainThread = async (expression: string): Promise<unknown> => {
    const reply = await session.post("Runtime.evaluate", { expression, returnByValue: true, silent: true });
    // The termination may take its own asker with it: that is an answer, too.
    return reply === undefined ? "terminated" : (reply as Runtime.EvaluateReturnType).result.value;
  };

  const interrupt = async (): Promise<void> => {
    const cells = [...running.keys()];
    const messages = [...handled.keys()];
    interrupts += 1;
    const interrupt = interrupts;
    const unanswered = (): boolean =>
      cells.some((cell) => running.has(cell)) || messages.some((message) => handled.has(message));
    const strike = async (): Promise<void> => {
      // A debugger may have stopped what a cell has left behind.
      while (unanswered() || events.stopped() !== undefined) {
        const terminate = events.stopped();
        const asked = [...cells, ...messages];
        const answer = await onMainThread(interruptExpression(interrupt, asked, terminate !== undefined));
        if (answer === "stopped") await terminate?.();
        if (answer !== "later") break;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
      if (unanswered()) post({ type: "interrupted" });
    };
    const untilAnswered = async (): Promise<void> => {
      while (unanswered()) {
        await new Promise((resolve) => setTimeout(resolve, nudgeMs));
        // A cell of another shell may begin only when the one that was struck gives the thread back.
        await strike();
      }
    };
    await strike();
    void untilAnswered();
  };
  /** What was in use when the cells that run were stopped for it, bytes. */
  let full: number | undefined;
  const heap = createHeapWatch({
    limit: events.heapLimit,
    session,
    full(used) {
      full = used;
      void interrupt();
    },
  });

  return {
    run(cell) {
      return new Promise((resolve) => {
        running.set(cell.cell, (outcome) => {
          running.delete(cell.cell);
          if (running.size === 0) heap.end();
          questions.drop(cell.cell);
          const stopped = full !== undefined && outcome.status === "error" && outcome.ename === "Interrupted";
          resolve(stopped ? { ...outcome, ...outOfMemory(full!, events.heapLimit) } : outcome);
        });
        if (running.size === 1) {
          full = undefined;
          heap.begin();
        }
        post({ type: "run", ...cell });
      });
    },
    comm(arrival) {
      return new Promise((resolve) => {
        handled.set(arrival.cell, resolve);
        post({ type: "comm", arrival });
      });
    },
    input(message) {
      questions.reply(message);
    },
    busy: () => running.size > 0 || handled.size > 0,
    warm() {
      post({ type: "warm" });
    },
    interrupt,
  };
}
