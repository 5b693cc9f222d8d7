import { awaitAnswer, createAnswerMemory } from "./answer-memory.ts";
import { currentCell } from "./context.ts";
import type { Outlet } from "./outlet.ts";

/** Thrown at a cell that asks where nobody can answer. The name is the one that Jupyter's users know. */
class StdinNotImplementedError extends Error {
  override readonly name = "StdinNotImplementedError";
}

/** The questions of this thread's cells. */
export interface CellQuestions {
  /** The answer to a question that was asked. */
  answered(question: number, value: string): void;
}

/** A text that may be left out. */
function textOf(by: string, name: string, value: unknown): string {
  const text = value ?? "";
  if (typeof text !== "string") throw new TypeError(`${by}: ${name}: expected a text, got ${typeof text}`);
  return text;
}

/** Gives cells `input`, `password` and `prompt` as globals. */
export function installQuestions(outlet: Outlet): CellQuestions {
  const open = new Map<number, (value: string) => void>();
  let count = 0;
  const ask = (by: string, prompt: string, password: boolean, memory?: SharedArrayBuffer): number => {
    const cell = currentCell();
    if (!cell.attended)
      throw new StdinNotImplementedError(
        `${by}: nobody is there to answer: what runs this cell allows no questions (allow_stdin is false)`,
      );
    if (cell.finished) throw new StdinNotImplementedError(`${by}: the cell that asks has ended`);
    count += 1;
    outlet.ask({ question: count, prompt, password, memory }, cell);
    return count;
  };
  const later = (by: string, prompt: unknown, password: boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const question = ask(by, textOf(by, "prompt", prompt), password);
      const { whenEnded } = currentCell();
      const forget = (): void => {
        open.delete(question);
        reject(new StdinNotImplementedError(`${by}: the cell ended before the answer (an await is missing)`));
      };
      whenEnded.add(forget);
      open.set(question, (value) => {
        open.delete(question);
        whenEnded.delete(forget);
        resolve(value);
      });
    });
  const globals = {
    input: (prompt?: unknown) => later("input", prompt, false),
    password: (prompt?: unknown) => later("password", prompt, true),
    prompt(message?: unknown, initial?: unknown) {
      const asked = textOf("prompt", "message", message);
      const otherwise = textOf("prompt", "initial", initial);
      const memory = createAnswerMemory();
      ask("prompt", otherwise === "" ? asked : `${asked} [${otherwise}]`.trimStart(), false, memory);
      return awaitAnswer(memory) || otherwise;
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
