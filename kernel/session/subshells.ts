import { randomUUID } from "node:crypto";
import { showJson } from "../protocol/json.ts";
import type { Header } from "../protocol/messages.ts";
import type { History } from "./history.ts";

/** A subshell that is not there: it was deleted, or never was. */
class SubshellError extends Error {
  override readonly name = "SubshellError";
}

/** Requests that are served one after another, and what counts for them alone. The kernel has one of its own; JEP 91 adds subshells. */
export interface Shell {
  /** Whether it is the kernel's own. */
  readonly parent: boolean;
  readonly history: History;
  /** The number of its latest cell. */
  count: number;
  /** Requests that came up to this one are aborted: a cell before them ended in an error. */
  abortUpTo: number;
  /** Does something once what came before it is done: at once where there is nothing. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** The shells of a kernel. */
export class Subshells {
  /** The kernel's own shell. */
  readonly parent: Shell;
  readonly #children = new Map<string, Shell>();
  readonly #history: () => History;

  /** @param history - makes the history of a shell: each is a session of its own */
  constructor(history: () => History) {
    this.#history = history;
    this.parent = openShell(true, history());
  }

  /** Opens a subshell and gives its id. */
  create(): string {
    const id = randomUUID();
    this.#children.set(id, openShell(false, this.#history()));
    return id;
  }

  /**
   * Takes a subshell away. What was sent to it before is still served.
   *
   * @throws SubshellError when there is none of this id
   */
  delete(id: string): void {
    if (!this.#children.delete(id)) throw unknown(id);
  }

  list(): string[] {
    return [...this.#children.keys()];
  }

  /**
   * The shell that a message on the shell channel is for.
   *
   * @throws SubshellError when there is none of this id
   */
  of({ subshell_id: id }: Header): Shell {
    if (id === undefined || id === null) return this.parent;
    // Whatever a client has put there.
    const shell = this.#children.get(id as string);
    if (shell === undefined) throw unknown(id);
    return shell;
  }
}

function unknown(id: unknown): SubshellError {
  return new SubshellError(`subshell_id: expected the id of a subshell of this kernel, got ${showJson(id)}`);
}

function openShell(parent: boolean, history: History): Shell {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    parent,
    history,
    count: 0,
    abortUpTo: 0,
    inTurn(work) {
      waiting += 1;
      const done = (waiting === 1 ? work() : last.then(work)).finally(() => (waiting -= 1));
      // One that fails does not hold up those behind it.
      last = done.catch(() => undefined);
      return done;
    },
  };
}
