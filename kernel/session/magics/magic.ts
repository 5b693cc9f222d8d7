import type { JsonObject } from "../../protocol/json.ts";

/** What is wrong with the use of a magic, in one sentence. */
export class MagicError extends Error {
  override readonly name = "MagicError";
}

/** One use of a magic in a cell that runs. */
export interface MagicCall {
  /** What stands behind the name on its line. */
  readonly argument: string;
  /** The lines below it, of a cell magic. */
  readonly body: string;
  /** The notebook's variables, of a magic that asks for them. */
  readonly variables: Readonly<Record<string, () => unknown>>;
}

/** What a magic does its work with. */
export interface MagicHost {
  /** The notebook's folder. */
  readonly directory: string;
  print(text: string, name?: "stdout" | "stderr"): void;
  /** Shows one form under the cell. */
  show(type: string, form: string): void;
  /** Adds to the payload of the cell's reply, by which a front end is asked to do something. */
  payload(payload: JsonObject): void;
  /** Calls back should the cell end before what the magic waits for; the function that it returns takes that back. */
  whenEnded(tell: () => void): () => void;
}

/** A command of a notebook that is no TypeScript: `%name argument`, or `%%name argument` at the top of a cell. */
export interface Magic {
  /** One line for the list of all. */
  readonly summary: string;
  readonly usage: readonly string[];
  /** What else one has to know; sentences. */
  readonly help: string;
  /** Does it; what it gives is the cell's result where it stands last. */
  readonly run: (call: MagicCall, host: MagicHost) => unknown;
}

/** The error of a magic that is used in another way than its usage says. */
export function misused({ usage }: Pick<Magic, "usage">, got: string): MagicError {
  return new MagicError(`expected ${usage.join(" or ")}, got ${got === "" ? "nothing" : got}`);
}
