import { currentCell } from "../context.ts";
import type { DisplayPublisher } from "../display/publisher.ts";
import type { Outlet } from "../outlet.ts";
import type { MagicHost } from "./magic.ts";
import { Timers } from "./timers.ts";
import type { Loop } from "./timeit.ts";

/** What the magics of a cell become. */
export interface MagicCalls {
  /** Runs a magic on a line, or with a body at the top of a cell. What it gives is the cell's result where it stands last. */
  readonly magic: (
    name: string,
    argument: string,
    body?: string,
    variables?: Readonly<Record<string, () => unknown>>,
  ) => Promise<unknown>;
  /** The same for one that stands among the imports: its name and argument. */
  readonly imported: (line: string) => Promise<void>;
  /** A line into which values are put: its texts and values in turn, as one text. */
  readonly line: (...parts: readonly unknown[]) => Promise<string>;
  /** The begin of what `%time` measures. */
  readonly startTimer: () => void;
  /** Its end: tells the time, and gives the value. A promise is waited for. */
  readonly stopTimer: (value?: unknown) => Promise<unknown>;
  /** Measures a loop again and again. */
  readonly timeit: (options: string, loop: Loop) => Promise<void>;
}

/** What magics need of the thread of user code. */
export interface MagicParts {
  readonly outlet: Outlet;
  readonly publisher: DisplayPublisher;
  /** The notebook's folder. */
  readonly directory: string;
}

/** Makes what the magics of cells call. What each of them does is loaded when it is first used. */
export function createMagicCalls({ outlet, publisher, directory }: MagicParts): MagicCalls {
  const timers = new Timers();
  /** For the cell that calls. */
  const hostOf = (cell = currentCell()): MagicHost => ({
    directory,
    print(text, name = "stdout") {
      outlet.print(name, text, cell);
    },
    show(type, form) {
      publisher.publish({ [type]: form });
    },
    payload(payload) {
      cell.payload.push(payload);
    },
    whenEnded(tell) {
      cell.whenEnded.add(tell);
      return () => cell.whenEnded.delete(tell);
    },
  });
  const magic: MagicCalls["magic"] = async (name, argument, body, variables = {}) => {
    const { runMagic } = await import("./table.ts");
    return runMagic(name, { argument, body, variables }, hostOf());
  };
  return {
    magic,
    async line(...parts) {
      const { valueText } = await import("./value-text.ts");
      return parts.map(valueText).join("");
    },
    async imported(line) {
      const [name = "", ...argument] = line.split(" ");
      await magic(name, argument.join(" "));
    },
    startTimer() {
      timers.start(currentCell());
    },
    async stopTimer(value) {
      const settled = await value;
      outlet.print("stdout", timers.stop(currentCell()));
      return settled;
    },
    async timeit(options, loop) {
      const { timeit } = await import("./timeit.ts");
      outlet.print("stdout", await timeit(options, loop));
    },
  };
}
