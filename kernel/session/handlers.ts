import { setTimeout as wait } from "node:timers/promises";
import { PROTOCOL_VERSION, type ExecuteRequest } from "../protocol/messages.ts";
import type { Answer, HandlerTable, Incoming } from "./dispatch.ts";
import { cellUrl } from "./cell-name.ts";
import type { DebugService } from "./debug/service.ts";
import type { Engine } from "./engine.ts";
import { helpPage, readHelpLine, type HelpLine } from "./help-line.ts";
import { languageInfo } from "./language.ts";
import type { LanguageService } from "./language/language-service.ts";
import type { CellOutcome, RunCell } from "./link.ts";
import type { OpenComms } from "./open-comms.ts";
import type { Drafts } from "./magics/drafts.ts";
import { createTyped } from "./magics/typed.ts";
import type { Subshells } from "./subshells.ts";
import type { TypeChecks } from "./type-checks.ts";
import { createUsage } from "./usage.ts";

/** What the handlers need of the kernel around them. */
export interface HandlerParts {
  readonly engine: Engine;
  readonly language: LanguageService;
  readonly drafts: Drafts;
  readonly checks: TypeChecks;
  readonly comms: OpenComms;
  readonly subshells: Subshells;
  readonly debug: DebugService;
  /** veelab's version. */
  readonly version: string;
  /** Ends the kernel; called when the reply has been sent. */
  readonly shutdown: () => void;
}

/** The answers to the requests of the protocol. */
export function createHandlers(parts: HandlerParts): HandlerTable {
  const { engine, language, drafts, comms, debug, subshells, version, shutdown } = parts;
  const execute = createExecute(parts);
  const typed = createTyped(language, drafts);
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
        debugger: true,
        supported_features: ["debugger", "kernel subshells"],
      }),
      after() {
        // Not before the first answer: that is what a client waits for.
        if (warmed) return;
        warmed = true;
        engine.warm?.();
      },
    },
    execute_request: { order: "serial", answer: execute },
    is_complete_request: { order: "immediate", answer: typed.completeness },
    complete_request: { order: "immediate", answer: typed.completion },
    inspect_request: { order: "immediate", answer: typed.inspection },
    history_request: {
      order: "serial",
      answer: async (request, { shell }) => ({ history: await shell.history.find(request) }),
    },
    debug_request: { order: "immediate", answer: (request) => debug.request(request) },
    usage_request: { order: "immediate", answer: createUsage() },
    comm_info_request: { order: "serial", answer: ({ target_name: target }) => ({ comms: comms.info(target) }) },
    create_subshell_request: { order: "immediate", answer: () => ({ subshell_id: subshells.create() }) },
    delete_subshell_request: {
      order: "immediate",
      answer: ({ subshell_id: id }) => {
        subshells.delete(id);
        return {};
      },
    },
    list_subshell_request: { order: "immediate", answer: () => ({ subshell_id: subshells.list() }) },
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
        // A cell that has run may still wait for the word on its types.
        language.giveUp();
        return {};
      },
    },
  };
}

/**
 * What a client sent together with a cell that fails at once may still be on its way, on a busy machine: what arrives within this time of the
 * cell's start and before its reply was sent before the error was known (ipykernel: stop_on_error_timeout).
 */
const behindMs = 20;

function createExecute({
  engine,
  language,
  checks,
  debug,
}: HandlerParts): (request: ExecuteRequest, incoming: Incoming) => Promise<Answer<"execute_request">> {
  let cells = 0;

  /** Runs a cell; where its types are no better than an error, that is its outcome. */
  const run = async (request: RunCell): Promise<CellOutcome> => {
    let code: string;
    try {
      const shown = request.stored ? `[${request.executionCount}]` : `[*${request.cell}]`;
      code = checks.begin({ ...request, shown });
    } catch (error) {
      const { name, message } = error as Error;
      return { status: "error", ename: name, evalue: message, traceback: [`${name}: ${message}`] };
    }
    debug.runs(request.cell, cellUrl(request), request.code);
    const outcome = await engine.run({ ...request, code });
    debug.ran(request.cell);
    const error = await checks.end(request.cell, outcome);
    return error === undefined ? outcome : { status: "error", ...error };
  };

  /** Runs a cell that asks for help: an empty one, with a page. */
  const help = async (line: HelpLine, request: RunCell, incoming: Incoming): Promise<CellOutcome> => {
    const page = await helpPage(line, language);
    if (page === undefined && !request.silent)
      incoming.publish({ type: "stream", content: { name: "stdout", text: `${line.name}: nothing is known of it\n` } });
    const outcome = await run({ ...request, code: "" });
    return outcome.status === "ok" && page !== undefined ? { ...outcome, payload: [page] } : outcome;
  };

  return async (request, incoming) => {
    const { shell } = incoming;
    const begun = performance.now();
    if (incoming.arrival <= shell.abortUpTo) return { status: "aborted" };
    const { code, silent, allow_stdin: attended, user_expressions: userExpressions } = request;
    const stored = request.store_history && !silent;
    if (stored) shell.count += 1;
    const { count } = shell;
    cells += 1;
    const cell = cells;
    incoming.adopt(cell, silent);
    if (!silent) incoming.publish({ type: "execute_input", content: { code, execution_count: count } });
    const remember = stored ? shell.history.add(count, code) : undefined;

    // Stack frames tell cells by their numbers: those of a subshell are not the cell's alone.
    const ran = {
      cell,
      code,
      executionCount: count,
      stored: stored && shell.parent,
      silent,
      attended,
      userExpressions,
    };
    const line = readHelpLine(code);
    const outcome = line === undefined ? await run(ran) : await help(line, ran, incoming);
    if (outcome.status === "ok") {
      remember?.(outcome.output);
      const { payload, userExpressions } = outcome;
      return { execution_count: count, payload, user_expressions: userExpressions };
    }
    const { ename, evalue, traceback } = outcome;
    if (!silent) incoming.publish({ type: "error", content: { ename, evalue, traceback } });
    if (request.stop_on_error) {
      await wait(Math.max(1, begun + behindMs - performance.now()));
      shell.abortUpTo = incoming.arrived();
    }
    return { status: "error", execution_count: count, ename, evalue, traceback };
  };
}
