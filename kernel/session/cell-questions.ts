import { awaitAnswer, createAnswerMemory } from "./answer-memory.ts";
import { currentCell } from "./context.ts";
import type { Outlet } from "./outlet.ts";

/** Thrown at a cell that asks where nobody can answer. The name is the one that Jupyter's users know. */
export class StdinNotImplementedError extends Error {
  override readonly name = "StdinNotImplementedError";
}

/** The questions of this thread's cells. */
export interface CellQuestions {
  /** The answer to a question that was asked. */
  answered(question: number, value: string): void;
}

/** Gives cells `input`, `password` and `prompt` as globals. */
export function installQuestions(outlet: Outlet): CellQuestions {
  const open = new Map<number, (value: string) => void>();
  let count = 0;
  const ask = (by: string, prompt: unknown, password: boolean, memory?: SharedArrayBuffer): number => {
    const cell = currentCell();
    const text = prompt ?? "";
    if (typeof text !== "string") throw new TypeError(`${by}: expected a text to ask with, got ${typeof text}`);
    if (!cell.attended)
      throw new StdinNotImplementedError(
        `${by}: nobody is there to answer: what runs this cell allows no questions (allow_stdin is false)`,
      );
    if (cell.finished) throw new StdinNotImplementedError(`${by}: the cell that asks has ended`);
    count += 1;
    outlet.ask({ question: count, prompt: text, password, memory }, cell);
    return count;
  };
  const later = (by: string, prompt: unknown, password: boolean): Promise<string> =>
    new Promise((resolve) => {
      const question = ask(by, prompt, password);
      const { whenEnded } = currentCell();
      const forget = (): void => {
        open.delete(question);
        whenEnded.delete(forget);
      };
      whenEnded.add(forget);
      open.set(question, (value) => {
        forget();
        resolve(value);
      });
    });
  const globals = {
    input: (prompt?: unknown) => later("input", prompt, false),
    password: (prompt?: unknown) => later("password", prompt, true),
    prompt(message?: unknown, initial = "") {
      const memory = createAnswerMemory();
      ask("prompt", initial === "" ? message : `${message as string} [${initial}]`, false, memory);
      return awaitAnswer(memory) || initial;
    },
  };
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  return {
    answered(question, value) {
      open.get(question)?.(value);
    },
  };
}
