import type { Publications, Replies, Requests } from "../../protocol/messages.ts";
import type { Adapter } from "./adapter.ts";
import { CellFiles } from "./cell-files.ts";

/** The debugger as the kernel sees it. */
export interface DebugService {
  /** Answers a request of the Debug Adapter Protocol: those that cannot be fulfilled say why. */
  request(request: Requests["debug_request"]): Promise<Replies["debug_request"]>;
  /** A cell is about to run; V8 will know its script by `url`. */
  runs(cell: number, url: string, code: string): void;
  /** It has ended. */
  ran(cell: number): void;
}

/** The debugger of a kernel whose user code runs on the main thread. */
export interface ThreadDebugService extends DebugService {
  /** Lets the stopped program end instead of going on; undefined where it is not stopped. */
  readonly terminate: (() => Promise<void>) | undefined;
  close(): void;
}

/** What the service is made of. */
export interface DebugServiceParts {
  /** Sends an event, under the request of a cell if there is one. */
  readonly event: (event: Publications["debug_event"], cell: number | undefined) => void;
  /** Interrupts the cell that runs. */
  readonly interrupt: () => Promise<void>;
  readonly log: (line: string) => void;
}

/** The kernel's own folder: its frames are not the user's business. */
const folder = new URL("../../", import.meta.url);

/** Makes the debugger; it is loaded when it is first asked for something. */
export function createDebugService({ event, interrupt, log }: DebugServiceParts): ThreadDebugService {
  const files = new CellFiles();
  /** Cells that run, in the order in which they began: those of subshells run beside each other. */
  const running = new Set<number>();
  const latest = (): number | undefined => [...running].at(-1);
  let sent = 0;
  const next = (): number => (sent += 1);
  let adapter: Adapter | undefined;
  const load = async (): Promise<Adapter> => {
    const { Adapter } = await import("./adapter.ts");
    adapter ??= new Adapter({
      files,
      folder,
      log,
      interrupt,
      running: () => [...running],
      event(name, body) {
        event({ type: "event", seq: next(), event: name, body }, latest());
      },
    });
    return adapter;
  };
  /** Requests are answered one after another: each may rest on what the one before it has done. */
  let queue: Promise<unknown> = Promise.resolve();

  const answer = async (request: Requests["debug_request"]): Promise<Replies["debug_request"]> => {
    const { seq, command, arguments: given } = request;
    const response = { type: "response", request_seq: seq, command } as const;
    try {
      const body = await (await load()).command(command, given);
      return { ...response, seq: next(), success: true, body };
    } catch (error) {
      const message = `${command}: ${error instanceof Error ? error.message : String(error)}`;
      return { ...response, seq: next(), success: false, message, body: {} };
    }
  };

  return {
    request(request) {
      const answered = queue.then(() => answer(request));
      queue = answered;
      return answered;
    },
    runs(cell, url, code) {
      running.add(cell);
      files.ran(url, code);
    },
    ran(cell) {
      running.delete(cell);
    },
    get terminate() {
      const program = adapter?.program;
      return program?.held !== true ? undefined : () => program.terminate();
    },
    close() {
      adapter?.program.close();
      files.close();
    },
  };
}
