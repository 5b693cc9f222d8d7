import { setImmediate as turn } from "node:timers/promises";
import { PROTOCOL_VERSION, type ExecuteRequest } from "../protocol/messages.ts";
import type { Answer, HandlerTable, Incoming } from "./dispatch.ts";
import type { Engine } from "./engine.ts";
import { History } from "./history.ts";
import { languageInfo } from "./language.ts";

/** What the handlers need of the kernel around them. */
export interface HandlerParts {
  readonly engine: Engine;
  /** veelab's version. */
  readonly version: string;
  /** Ends the kernel; called when the reply has been sent. */
  readonly shutdown: () => void;
}

/** The answers to the requests of the protocol. */
export function createHandlers({ engine, version, shutdown }: HandlerParts): HandlerTable {
  const history = new History();
  const execute = createExecute(engine, history);
  let warmed = false;
  return {
    kernel_info_request: {
      order: "immediate",
      answer: () => ({
        protocol_version: PROTOCOL_VERSION,
        implementation: "veelab",
        implementation_version: version,
        language_info: languageInfo,
        banner: `veelab ${version}: TypeScript on Node ${process.versions.node}`,
        help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
        debugger: false,
        supported_features: [],
      }),
      after() {
        // Not before the first answer: that is what a client waits for.
        if (!warmed) engine.warm?.();
        warmed = true;
      },
    },
    execute_request: { order: "serial", answer: execute },
    is_complete_request: {
      order: "immediate",
      // Loaded when it is first needed: the parser would take a third of the time to the kernel's first answer.
      answer: async ({ code }) => (await import("./completeness.ts")).completeness(code),
    },
    // Until the language service has a thread of its own there is nothing to offer; the protocol's empty answers.
    complete_request: {
      order: "immediate",
      answer: ({ cursor_pos: at }) => ({ matches: [], cursor_start: at, cursor_end: at, metadata: {} }),
    },
    inspect_request: { order: "immediate", answer: () => ({ found: false, data: {}, metadata: {} }) },
    history_request: { order: "serial", answer: (request) => ({ history: history.find(request) }) },
    comm_info_request: { order: "serial", answer: () => ({ comms: {} }) },
    shutdown_request: {
      order: "immediate",
      answer: ({ restart }, incoming) => {
        incoming.publish({ type: "shutdown_reply", content: { status: "ok", restart } });
        return { restart };
      },
      after: shutdown,
    },
    interrupt_request: {
      order: "immediate",
      answer: async () => {
        await engine.interrupt();
        return {};
      },
    },
  };
}

function createExecute(
  engine: Engine,
  history: History,
): (request: ExecuteRequest, incoming: Incoming) => Promise<Answer<"execute_request">> {
  let count = 0;
  let cell = 0;
  /** Requests that came up to this one are aborted: a cell before them ended in an error. */
  let abortUpTo = 0;

  return async (request, incoming) => {
    if (incoming.arrival <= abortUpTo) return { status: "aborted" };
    const { code, silent, allow_stdin: attended, user_expressions: userExpressions } = request;
    const stored = request.store_history && !silent;
    if (stored) count += 1;
    cell += 1;
    incoming.adopt(cell, silent);
    if (!silent) incoming.publish({ type: "execute_input", content: { code, execution_count: count } });
    const remember = stored ? history.add(count, code) : undefined;

    const outcome = await engine.run({ cell, code, executionCount: count, stored, silent, attended, userExpressions });
    if (outcome.status === "ok") {
      remember?.(outcome.output);
      const { payload, userExpressions } = outcome;
      return { execution_count: count, payload, user_expressions: userExpressions };
    }
    const { ename, evalue, traceback } = outcome;
    if (!silent) incoming.publish({ type: "error", content: { ename, evalue, traceback } });
    if (request.stop_on_error) {
      // What a client sent together with this cell may still be in the socket: it is taken in first.
      await turn();
      await turn();
      abortUpTo = incoming.arrived();
    }
    return { status: "error", execution_count: count, ename, evalue, traceback };
  };
}
