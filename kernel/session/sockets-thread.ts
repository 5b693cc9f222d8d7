// The entry of the second thread: sockets, dispatch and control, so that they answer while a cell is busy.
import { randomUUID } from "node:crypto";
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type MessagePort, workerData } from "node:worker_threads";
import { dataFolder } from "../data-folder.ts";
import { listen } from "../transport/zeromq.ts";
import { type Connection, ConnectionError } from "../transport/connection.ts";
import type { Transport } from "../transport/transport.ts";
import { startMode } from "./check-line.ts";
import { createDebugService } from "./debug/service.ts";
import { createDispatch } from "./dispatch.ts";
import { createHandlers } from "./handlers.ts";
import { History } from "./history.ts";
import { historyVariable, openHistoryStore, type HistoryStore } from "./history-store.ts";
import { createLanguageService } from "./language/language-service.ts";
import type { ToUser } from "./link.ts";
import { OpenComms } from "./open-comms.ts";
import { Drafts } from "./magics/drafts.ts";
import { endWithParent } from "./orphan.ts";
import { Subshells } from "./subshells.ts";
import { createThreadEngine } from "./thread-engine.ts";
import { createTypeChecks } from "./type-checks.ts";

/** What the main thread gives to this one. */
export interface SocketsData {
  /** To the main thread. */
  readonly port: MessagePort;
  readonly connection: Connection;
  readonly memory: SharedArrayBuffer;
  /** How much V8 gives to the heap of the main thread, bytes. */
  readonly heapLimit: number;
}

const log = (line: string): void => {
  // Straight to the file: this thread's own streams would go through the thread of user code.
  try {
    writeSync(2, `veelab kernel: ${line}\n`);
  } catch {
    // Nobody reads it (the pipe is full or closed): the kernel goes on without its log.
  }
};

async function start(): Promise<void> {
  endWithParent();
  const { port, connection, memory, heapLimit } = workerData as SocketsData;
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  const { version } = manifest as { version: string };

  const shutdown = (code: number): void => {
    debug.close();
    void Promise.all([transport.close(), ...stores.map((store) => store.flushed())]).then(() => {
      const exit: ToUser = { type: "exit", code };
      port.postMessage(exit);
      // A cell that spins never reads that; nothing is left to be saved. A thread that is only just being made reads it late, and what a
      // cell has left behind may spin, too: neither is known here.
      setTimeout(() => process.kill(process.pid, "SIGKILL"), engine.busy() ? 200 : 1000);
    });
  };
  const debug = createDebugService({
    event: (content, cell) => {
      dispatch.announce({ type: "debug_event", content }, cell);
    },
    interrupt: () => engine.interrupt(),
    log,
  });
  const engine = createThreadEngine(port, memory, {
    output: (output) => {
      dispatch.output(output);
      return transport.room();
    },
    questions: { send: (cell, content) => dispatch.ask(cell, content), log },
    stopped: () => debug.terminate,
    heapLimit,
  });
  const language = createLanguageService({
    directory: process.cwd(),
    log,
    problems: (cell, problems) => {
      checks.problems(cell, problems);
    },
  });
  const drafts = new Drafts();
  const checks = createTypeChecks({
    language,
    drafts,
    start: startMode(process.env),
    session: randomUUID().slice(0, 8),
    publish: (cell, { type, content }) => {
      dispatch.output({ cell, type, content: JSON.stringify(content) });
    },
  });
  const comms = new OpenComms();
  const stores: HistoryStore[] = [];
  const subshells = new Subshells(() => {
    if (process.env[historyVariable] === "off") return new History();
    const store = openHistoryStore(join(dataFolder(), "history"), log);
    stores.push(store);
    return new History(store);
  });
  const handlers = createHandlers({
    comms,
    engine,
    language,
    drafts,
    checks,
    subshells,
    debug,
    version,
    shutdown: () => {
      shutdown(0);
    },
  });
  const dispatch = createDispatch({
    handlers,
    comms,
    subshells,
    deliver: (arrival) => engine.comm(arrival),
    log,
    send: (channel, message) => {
      transport.send(channel, message);
    },
  });
  const transport: Transport = await listen(connection, {
    request: dispatch.request,
    input: (message) => {
      engine.input(message);
    },
    subscribed: (topic) => {
      dispatch.welcome(topic);
    },
    malformed: (channel, error) => {
      log(`${channel}: ${error.message}`);
    },
  });
  dispatch.announce({ type: "status", content: { execution_state: "starting" } });
}

try {
  await start();
} catch (error) {
  // A port that is taken is told in a sentence; whatever else it is, is a fault.
  log(error instanceof ConnectionError ? error.message : ((error as Error).stack ?? String(error)));
  const exit: ToUser = { type: "exit", code: 1 };
  (workerData as SocketsData).port.postMessage(exit);
}
