import type { JsonObject } from "../protocol/json.ts";
import type { Message } from "../protocol/messages.ts";

/** A question of a cell to the person in front of its front end. */
export interface Question {
  readonly cell: number;
  /** Unique in the kernel's life. */
  readonly question: number;
  readonly prompt: string;
  /** Whether what is typed stays hidden. */
  readonly password: boolean;
  /** Where the answer is put for a cell that waits without giving its thread back; others get it as a message. */
  readonly memory?: SharedArrayBuffer | undefined;
}

/** What questions need of the kernel around them. */
export interface QuestionParts {
  /** Sends a question to the client of its cell; gives the message's id, or nothing where there is no such client. */
  readonly send: (cell: number, content: JsonObject) => string | undefined;
  /** Hands an answer to the cell. */
  readonly answer: (question: Question, value: string) => void;
  readonly log: (line: string) => void;
}

/** A question that was sent, and its message. */
interface Asked {
  readonly question: Question;
  readonly id: string;
}

/**
 * Questions of cells. Those of one cell are asked one after another: a front end shows one at a time; cells of different shells do not wait for
 * each other. Those of a cell that ends are dropped.
 */
export class Questions {
  readonly #parts: QuestionParts;
  #waiting: readonly Question[] = [];
  /** In the order in which they were sent; one a cell. */
  #asked: readonly Asked[] = [];

  constructor(parts: QuestionParts) {
    this.#parts = parts;
  }

  ask(question: Question): void {
    this.#waiting = [...this.#waiting, question];
    this.#next();
  }

  /**
   * Takes an `input_reply`. Older clients do not say which question it answers: then it is the first one that was asked. An answer without a
   * text is an empty one, as in ipykernel: the front end has closed its field.
   */
  reply({ header, parent_header: parent, content }: Message): void {
    const { value } = content;
    const named = "msg_id" in parent && parent.msg_id !== "" ? parent.msg_id : this.#asked[0]?.id;
    const asked = this.#asked.find(({ id }) => id === named);
    if (asked === undefined || header.msg_type !== "input_reply") {
      this.#parts.log("stdin: an answer to no question, or to one whose cell has ended");
      return;
    }
    if (typeof value !== "string") this.#parts.log("stdin: value: expected a string, taken as an empty one");
    this.#asked = this.#asked.filter((each) => each !== asked);
    this.#parts.answer(asked.question, typeof value === "string" ? value : "");
    this.#next();
  }

  /** A cell has ended: nobody waits for its answers. */
  drop(cell: number): void {
    this.#waiting = this.#waiting.filter((question) => question.cell !== cell);
    this.#asked = this.#asked.filter(({ question }) => question.cell !== cell);
  }

  /** Sends those whose cells have none open. */
  #next(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const question of waiting) {
      const { cell, prompt, password } = question;
      if (this.#asked.some((each) => each.question.cell === cell)) {
        this.#waiting = [...this.#waiting, question];
        continue;
      }
      const id = this.#parts.send(cell, { prompt, password });
      if (id === undefined) this.#parts.log(`stdin: cell ${cell} has no client to ask`);
      else this.#asked = [...this.#asked, { question, id }];
    }
  }
}
