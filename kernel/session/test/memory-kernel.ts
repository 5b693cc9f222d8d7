import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "../../protocol/json.ts";
import type { Message, Outgoing } from "../../protocol/messages.ts";
import { faultOf } from "../../protocol/test/message-check.mjs";
import { createCodec } from "../../protocol/wire.ts";
import type { Channel, RequestChannel, Transport, TransportEvents } from "../../transport/transport.ts";
import { CellComms } from "../cell-comms.ts";
import { cellStorage, openContext } from "../context.ts";
import { createDispatch } from "../dispatch.ts";
import { render } from "../display/render.ts";
import type { DebugService } from "../debug/service.ts";
import type { Engine, OutputSink } from "../engine.ts";
import { describeError, type SourceIndex } from "../errors.ts";
import { createHandlers } from "../handlers.ts";
import { History } from "../history.ts";
import type { LanguageService } from "../language/language-service.ts";
import type { CellOutcome, RunCell } from "../link.ts";
import { OpenComms } from "../open-comms.ts";
import { Drafts } from "../magics/drafts.ts";
import { Questions, type QuestionParts } from "../questions.ts";
import { Subshells } from "../subshells.ts";
import { createTypeChecks } from "../type-checks.ts";
import { openRepl, type Outcome } from "./repl.ts";

/** What the kernel sent, as a client reads it. */
export interface Sent {
  readonly channel: Channel;
  readonly message: Message;
}

/** The kernel's dispatch and handlers over a transport in memory, with V8's REPL as its engine. */
export interface MemoryKernel {
  /** Everything that was sent, in order; grows. */
  readonly sent: readonly Sent[];
  readonly logged: readonly string[];
  /** How often the kernel was to end. */
  shutdowns(): number;
  /** Sends a request; gives its id. */
  request(
    channel: RequestChannel,
    type: string,
    content: JsonObject,
    buffers?: readonly Uint8Array[],
    subshell?: Json,
  ): string;
  /** Sends frames as they are. */
  frames(channel: RequestChannel, frames: readonly Uint8Array[]): void;
  /** Resolves when everything has been answered. */
  settled(): Promise<void>;
  /** Sends a request and waits for everything that comes of it: the reply's content and what was published. */
  ask(type: string, content?: JsonObject, channel?: RequestChannel, buffers?: readonly Uint8Array[]): Promise<Asked>;
  /** @throws when one of the messages that were sent is not what the protocol says. */
  close(): void;
}

/** What came of one request. */
export interface Asked {
  readonly reply: JsonObject | undefined;
  readonly published: readonly { readonly type: string; readonly content: JsonObject; readonly buffers?: string[] }[];
}

const key = "a key of this test";

/** A transport without sockets: what is sent goes through the wire's frames and their signatures all the same. */
function createMemoryTransport(
  events: TransportEvents,
  sent: Sent[],
  faults: string[],
): Transport & { deliver: MemoryKernel["frames"] } {
  const incoming = createCodec(key);
  const outgoing = createCodec(key);
  const client = createCodec(key);
  return {
    deliver(channel, frames) {
      let message: Message;
      try {
        message = incoming.decode(frames);
      } catch (error) {
        events.malformed(channel, error as Error);
        return;
      }
      events.request(channel, message);
    },
    send(channel: Channel, message: Outgoing) {
      const received = client.decode(outgoing.encode(message));
      const fault = faultOf(channel, received);
      if (fault !== undefined) faults.push(fault);
      sent.push({ channel, message: received });
    },
    room: () => undefined,
    flushed: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** An engine in this thread: cells have `print`, `input` and `comms`, and are interrupted where they wait. */
function createReplEngine(sink: OutputSink, asking: Pick<QuestionParts, "send" | "log">): Engine & { close(): void } {
  const repl = openRepl();
  const sources: SourceIndex = new Map();
  /** The cells that run, one of each shell, and how they are interrupted. */
  const running = new Map<number, () => void>();
  const currentCell = (): number => cellStorage.getStore()?.cell ?? 0;
  /** What an interrupted cell still does is not seen, as in the kernel nothing of it runs. */
  const interrupted = new Set<number>();
  const output: OutputSink = (each) => {
    if (each.cell !== 0 && !interrupted.has(each.cell)) sink(each);
  };
  const print = (text: string): void => {
    output({
      cell: currentCell(),
      type: "stream",
      content: JSON.stringify({ name: "stdout", text: `${text}\n` }),
    });
  };
  const answers = new Map<number, (value: string) => void>();
  const questions = new Questions({
    ...asking,
    answer: ({ question }, value) => answers.get(question)?.(value),
  });
  const input = (prompt: string): Promise<string> =>
    new Promise((resolve) => {
      const question = answers.size;
      answers.set(question, resolve);
      if (!interrupted.has(currentCell())) questions.ask({ cell: currentCell(), question, prompt, password: false });
    });
  const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const handled = new Map<number, () => void>();
  const comms = new CellComms({
    outlet: {
      publish({ type, content }, buffers, context = cellStorage.getStore(), metadata) {
        const cell = context?.cell ?? 0;
        output({ cell, type, content: JSON.stringify(content), buffers: buffers ?? [], metadata });
      },
      handled({ cell }) {
        handled.get(cell)?.();
      },
    },
    evaluator: {
      call(run, done) {
        run();
        done(false);
      },
    },
    sources,
  });
  comms.space.registerTarget("echo", (comm, { data }) => {
    comm.send({ opened: data });
    comm.onMessage(async ({ data, buffers, metadata }) => {
      await sleep(data["later"] === true ? 1 : 0);
      comm.send(data, { buffers, metadata });
    });
    comm.onClose(() => {
      throw new RangeError("closed");
    });
  });
  Object.assign(repl.context, { print, input, sleep, comms: comms.space });
  const evaluate = (code: string): Promise<Outcome> => repl.run(code).catch((error: unknown) => ({ thrown: error }));
  const shown = async (value: unknown): Promise<{ data: Readonly<Record<string, unknown>>; metadata: JsonObject }> => {
    const rendering = await render(value, { directory: "." });
    return { data: rendering?.data ?? { "text/plain": "undefined" }, metadata: {} };
  };
  const run = async ({ cell, code, executionCount, silent, userExpressions }: RunCell): Promise<CellOutcome> => {
    const outcome = await evaluate(code);
    if ("thrown" in outcome) return { status: "error", ...describeError(outcome.thrown, sources) };
    let text: string | null = null;
    if (outcome.value !== undefined) {
      const { data, metadata } = await shown(outcome.value);
      text = String(data["text/plain"]);
      const content = { data, metadata, execution_count: executionCount };
      if (!silent) output({ cell, type: "execute_result", content: JSON.stringify(content) });
    }
    const values: Extract<CellOutcome, { status: "ok" }>["userExpressions"] = Object.fromEntries(
      await Promise.all(
        Object.entries(userExpressions).map(async ([name, expression]) => {
          const value = await evaluate(expression);
          return [
            name,
            "thrown" in value
              ? ({ status: "error", ...describeError(value.thrown, sources) } as const)
              : ({ status: "ok", ...(await shown(value.value)) } as const),
          ] as const;
        }),
      ),
    );
    return { status: "ok", payload: [], userExpressions: values, output: text };
  };
  return {
    async run(request) {
      const { cell, executionCount, attended } = request;
      const stopped = new Promise<CellOutcome>((resolve) => {
        running.set(cell, () => {
          interrupted.add(cell);
          resolve({ status: "error", ename: "Interrupted", evalue: "the cell was interrupted", traceback: [] });
        });
      });
      try {
        const ran = cellStorage.run(openContext(cell, executionCount, attended), () => run(request));
        return await Promise.race([ran, stopped]);
      } finally {
        running.delete(cell);
        questions.drop(cell);
      }
    },
    comm(arrival) {
      return new Promise((resolve) => {
        handled.set(arrival.cell, resolve);
        comms.deliver(arrival);
      });
    },
    input(message) {
      questions.reply(message);
    },
    interrupt() {
      for (const stop of running.values()) stop();
      return Promise.resolve();
    },
    close() {
      repl.close();
    },
  };
}

/** A language service that knows nothing: what it answers is not what is tested here. */
const language: LanguageService = {
  complete: (_, cursor) => Promise.resolve({ start: cursor, end: cursor, items: [] }),
  inspect: () => Promise.resolve(undefined),
  ran: () => undefined,
  refused: () => undefined,
  checkLater: () => undefined,
  check: () => Promise.resolve([]),
  giveUp: () => undefined,
};

/** No thread can debug itself: every request is answered, and refused. */
const debug: DebugService = {
  request: ({ seq, command }) =>
    Promise.resolve({ type: "response", seq, request_seq: seq, command, success: false, body: {} }),
  runs: () => undefined,
  ran: () => undefined,
};

/** Opens a kernel that lives in this thread. */
export function openMemoryKernel(history: () => History = () => new History()): MemoryKernel {
  const sent: Sent[] = [];
  const faults: string[] = [];
  const logged: string[] = [];
  let shutdowns = 0;
  const log = (line: string): void => void logged.push(line);
  const engine = createReplEngine(
    (output) => {
      dispatch.output(output);
    },
    { send: (cell, content) => dispatch.ask(cell, content), log },
  );
  const drafts = new Drafts();
  const checks = createTypeChecks({
    language,
    drafts,
    start: "off",
    session: "test",
    publish: (cell, { type, content }) => {
      dispatch.output({ cell, type, content: JSON.stringify(content) });
    },
  });
  const comms = new OpenComms();
  const subshells = new Subshells(history);
  const shutdown = (): void => void (shutdowns += 1);
  const handlers = createHandlers({
    comms,
    debug,
    engine,
    language,
    drafts,
    checks,
    subshells,
    version: "1.2.3",
    shutdown,
  });
  const dispatch = createDispatch({
    comms,
    subshells,
    handlers,
    deliver: (arrival) => engine.comm(arrival),
    log,
    send: (channel, message) => {
      transport.send(channel, message);
      const asked = sent.at(-1);
      if (channel === "stdin" && asked !== undefined) setImmediate(answer, asked);
    },
  });
  const transport = createMemoryTransport(
    {
      request: dispatch.request,
      input: (message) => {
        engine.input(message);
      },
      subscribed: dispatch.welcome,
      malformed: (channel, error) => {
        log(`${channel}: ${error.message}`);
      },
    },
    sent,
    faults,
  );
  /** The person in front of it types the question. */
  const answer = ({ message: { header, content } }: Sent): void => {
    engine.input({
      ...{ identities: [], metadata: {}, buffers: [], parent_header: header },
      header: { ...header, msg_type: "input_reply" },
      content: { value: content["prompt"] },
    });
  };
  const codec = createCodec(key);
  const request: MemoryKernel["request"] = (channel, type, content, buffers = [], subshell) => {
    const id = randomUUID();
    const header = {
      ...{ msg_id: id, session: "client", username: "u", date: "", msg_type: type, version: "5.4" },
      ...(subshell !== undefined && { subshell_id: subshell }),
    };
    const identities = [Buffer.from(`client of ${id}`)];
    transport.deliver(channel, codec.encode({ identities, header, parent_header: {}, metadata: {}, content, buffers }));
    return id;
  };
  return {
    sent,
    logged,
    shutdowns: () => shutdowns,
    request,
    frames(channel, frames) {
      transport.deliver(channel, frames);
    },
    settled: dispatch.settled,
    async ask(type, content = {}, channel = "shell", buffers = []) {
      const id = request(channel, type, content, buffers);
      await dispatch.settled();
      const mine = sent.filter(({ message }) => message.parent_header["msg_id" as never] === id);
      const reply = mine.find((each) => each.channel === channel)?.message.content;
      const published = mine
        .filter((each) => each.channel === "iopub")
        .map(({ message: { header, content, buffers } }) => ({
          type: header.msg_type,
          content,
          ...(buffers.length > 0 && { buffers: buffers.map((each) => Buffer.from(each).toString("hex")) }),
        }));
      return { reply, published };
    },
    close() {
      engine.close();
      if (faults.length > 0) throw new Error(`messages that are not the protocol's: ${faults.join("; ")}`);
    },
  };
}
