import { Session } from "node:inspector";
import type { MessagePort } from "node:worker_threads";
import type { Engine } from "./engine.ts";
import { putAnswer } from "./answer-memory.ts";
import { Inbox, type InboxEvents } from "./inbox.ts";
import { interruptExpression } from "./interruption.ts";
import type { CellOutcome, ToSockets, ToUser } from "./link.ts";
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
  },
): Engine {
  const post = (message: ToUser): void => {
    port.postMessage(message);
  };
  let running: { readonly cell: number; readonly end: (outcome: CellOutcome) => void } | undefined;
  const handled = new Map<number, () => void>();
  let session: Session | undefined;

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
      if (running?.cell === cell) running.end(outcome);
    },
  });
  port.on("message", (message: ToSockets) => {
    if (message.type === "stopped") post({ type: "wake" });
    else inbox.take(message);
  });

  /** Runs a little JavaScript on the thread of user code, wherever it is just now: also inside a loop. */
  const onMainThread = (expression: string): Promise<unknown> => {
    if (session === undefined) {
      session = new Session();
      session.connectToMainThread();
    }
    const open = session;
    return new Promise((resolve) => {
      open.post("Runtime.evaluate", { expression, returnByValue: true, silent: true }, (error, reply) => {
        // The termination may take its own asker with it: that is an answer, too.
        resolve(error === null ? reply.result.value : "terminated");
      });
    });
  };

  return {
    run(cell) {
      return new Promise((resolve) => {
        running = {
          cell: cell.cell,
          end(outcome) {
            running = undefined;
            questions.drop(cell.cell);
            resolve(outcome);
          },
        };
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
    warm() {
      post({ type: "warm" });
    },
    async interrupt() {
      const target = running;
      const messages = [...handled.keys()];
      const cell = target?.cell ?? 0;
      const unanswered = (): boolean =>
        (target !== undefined && running === target) || messages.some((message) => handled.has(message));
      if (!unanswered()) return;
      for (;;) {
        const terminate = events.stopped();
        const answer = await onMainThread(interruptExpression(cell, terminate !== undefined));
        if (!unanswered() || answer === "ended") return;
        if (answer === "stopped") await terminate?.();
        if (answer !== "later") break;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
      const nudge = setInterval(() => {
        if (unanswered()) post({ type: "interrupted", cell });
        else clearInterval(nudge);
      }, nudgeMs);
      post({ type: "interrupted", cell });
    },
  };
}
