import { randomUUID } from "node:crypto";
import {
  PROTOCOL_VERSION,
  type Header,
  type Message,
  type Outgoing,
  type Publication,
  type Replies,
  type RequestType,
  type Requests,
} from "../protocol/messages.ts";
import type { JsonObject } from "../protocol/json.ts";
import { checkRequest, isCommType, isRequestType } from "../protocol/requests.ts";
import type { Channel, RequestChannel } from "../transport/transport.ts";
import type { CommArrival, Output } from "./link.ts";
import type { OpenComms } from "./open-comms.ts";
import type { Shell, Subshells } from "./subshells.ts";

/** What a handler sees of the request beside its content. */
export interface Incoming {
  /** A number that grows with every message that came. */
  readonly arrival: number;
  /** How many messages have come up to now, whether handled or not. */
  arrived(): number;
  /** Where it is served. */
  readonly shell: Shell;
  /** Publishes under this request. */
  publish(publication: Publication): void;
  /** Makes outputs of a cell appear under this request, also those that come after it. */
  adopt(cell: number, silent: boolean): void;
}

/** A reply's content; without a status it is "ok". */
export type Answer<T extends RequestType> =
  | (Replies[T] & { readonly status?: "ok" | "complete" | "incomplete" | "invalid" | "unknown" })
  | { readonly status: "aborted" }
  | {
      readonly status: "error";
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

/** How one type of request is answered. */
export interface Handler<T extends RequestType> {
  /** Serial handlers of one shell run one after another, in the order of their requests; immediate ones do not wait. */
  readonly order: "serial" | "immediate";
  readonly answer: (content: Requests[T], incoming: Incoming) => Answer<T> | Promise<Answer<T>>;
  /** What follows once the reply and idle have been sent. */
  readonly after?: (content: Requests[T]) => void;
}

/** A handler for every request that the kernel knows. */
export type HandlerTable = { readonly [T in RequestType]: Handler<T> };

/** The kernel as a function of messages: what comes in on one side, what goes out on the other. */
export interface Dispatch {
  readonly request: (channel: RequestChannel, message: Message) => void;
  /** Sends an output of user code under the request of its cell. */
  readonly output: (output: Output) => void;
  /** Sends a question to the client of a cell, for input; gives its id, or nothing where the cell has no client. */
  readonly ask: (cell: number, content: JsonObject) => string | undefined;
  /** Publishes under the request of a cell, or under none. */
  readonly announce: (publication: Publication, cell?: number) => void;
  /** Tells who listens to a topic that it is heard (JEP 65). */
  readonly welcome: (topic: Uint8Array) => void;
  /** Resolves when every request that came up to now has been answered. */
  readonly settled: () => Promise<void>;
}

/** What a dispatch is made of. */
export interface DispatchParts {
  readonly handlers: HandlerTable;
  readonly comms: OpenComms;
  readonly subshells: Subshells;
  /** Hands a comm's message to the code that listens; resolves when what it set off has ended. */
  readonly deliver: (arrival: CommArrival) => Promise<void>;
  readonly send: (channel: Channel, message: Outgoing) => void;
  readonly log: (line: string) => void;
  /** This kernel's session in the headers of what it sends. */
  readonly session?: string;
}

/** Of so many messages of comms the sender is remembered, for outputs that come after their end. */
const rememberedComms = 256;

const textEncoder = new TextEncoder();

/**
 * Connects requests with their handlers. A message in gives exactly one busy, one reply and one idle, whatever the
 * handler does: they are sent here and nowhere else.
 */
export function createDispatch({
  handlers,
  comms,
  subshells,
  deliver,
  send,
  log,
  session = randomUUID(),
}: DispatchParts): Dispatch {
  const owners = new Map<
    number,
    { readonly parent: Header; readonly client: Message["identities"]; readonly silent: boolean }
  >();
  const pending = new Set<Promise<unknown>>();
  let arrived = 0;
  let sent = 0;

  const emit = (
    channel: Channel,
    type: string,
    content: object | string,
    parent: Header | Record<string, never>,
    more: Partial<Pick<Message, "identities" | "metadata" | "buffers">> = {},
  ): string => {
    sent += 1;
    const id = `${session}_${sent}`;
    send(channel, {
      identities: more.identities ?? [textEncoder.encode(type)],
      header: {
        msg_id: id,
        session,
        username: "kernel",
        date: new Date().toISOString(),
        msg_type: type,
        version: PROTOCOL_VERSION,
      },
      parent_header: parent,
      metadata: more.metadata ?? {},
      content,
      buffers: more.buffers ?? [],
    });
    return id;
  };
  const publish = ({ type, content }: Publication, parent: Header | Record<string, never>): void => {
    emit("iopub", type, content, parent);
  };

  /** The one place where busy, the reply and idle are sent. */
  const serve = async (
    channel: RequestChannel,
    message: Message,
    answer: () => object | undefined | Promise<object | undefined>,
  ): Promise<void> => {
    const { header, identities } = message;
    const started = new Date().toISOString();
    publish({ type: "status", content: { execution_state: "busy" } }, header);
    try {
      let content: object | undefined;
      try {
        content = await answer();
      } catch (error) {
        content = errorAnswer(error);
        log(`${header.msg_type}: ${(error as Error).message}`);
      }
      if (content !== undefined) {
        const type = header.msg_type.replace(/_request$/, "_reply");
        emit(channel, type, { status: "ok", ...content }, header, { identities, metadata: { started } });
      }
    } finally {
      publish({ type: "status", content: { execution_state: "idle" } }, header);
    }
  };

  const dispatch = <T extends RequestType>(
    channel: RequestChannel,
    message: Message,
    type: T,
  ): Promise<Requests[T] | undefined> => {
    const handler: Handler<T> = handlers[type];
    arrived += 1;
    const arrival = arrived;
    const incoming = (shell: Shell): Incoming => ({
      arrival,
      arrived: () => arrived,
      shell,
      publish: (publication) => {
        publish(publication, message.header);
      },
      adopt: (cell, silent) => {
        owners.set(cell, { parent: message.header, client: message.identities, silent });
      },
    });
    let content: Requests[T] | undefined;
    const run = async (shell: () => Shell): Promise<Requests[T] | undefined> => {
      await serve(channel, message, () => {
        content = checkRequest(type, message.content);
        return handler.answer(content, incoming(shell()));
      });
      if (content !== undefined) handler.after?.(content);
      return content;
    };
    let shell: Shell;
    try {
      // A cell that comes by the control channel must not run beside the cell that runs.
      shell = channel === "control" ? subshells.parent : subshells.of(message.header);
    } catch (error) {
      return run(() => {
        throw error;
      });
    }
    // Begun at once where it can be: a comm's message that comes behind a cell must not overtake it.
    const served = (): Promise<Requests[T] | undefined> => run(() => shell);
    return handler.order === "immediate" ? served() : shell.inTurn(served);
  };

  /** Delivered when it comes, also while a cell runs, which may wait for it. It has no reply. */
  const comm = (channel: RequestChannel, message: Message): Promise<void> =>
    serve(channel, message, async () => {
      try {
        const arrival = comms.arrived(message);
        owners.delete(arrival.cell + rememberedComms);
        owners.set(arrival.cell, { parent: message.header, client: message.identities, silent: false });
        await deliver(arrival);
      } catch (error) {
        log(`${channel}: ${message.header.msg_type}: ${(error as Error).message}`);
      }
      return undefined;
    });

  const track = (work: Promise<unknown>): void => {
    pending.add(work);
    void work.finally(() => pending.delete(work));
  };

  return {
    request(channel, message) {
      const type = message.header.msg_type;
      if (isRequestType(type)) {
        track(dispatch(channel, message, type));
        return;
      }
      if (isCommType(type)) {
        track(comm(channel, message));
        return;
      }
      log(`${channel}: unknown message type ${JSON.stringify(type.slice(0, 80))}`);
      if (type.endsWith("_request")) {
        // Not answering would leave its sender waiting for ever.
        track(
          serve(channel, message, () => ({
            status: "error",
            ename: "UnknownRequest",
            evalue: `this kernel does not know ${type}`,
            traceback: [],
          })),
        );
      }
    },
    output({ cell, type, content, buffers = [], metadata = {} }) {
      const owner = owners.get(cell);
      const ofComm = isCommType(type);
      if (ofComm && typeof content === "string") comms.sent(type, content);
      if (owner?.silent === true && !ofComm) return;
      emit("iopub", type, content, owner?.parent ?? {}, { buffers, metadata });
    },
    ask(cell, content) {
      const owner = owners.get(cell);
      return owner && emit("stdin", "input_request", content, owner.parent, { identities: owner.client });
    },
    announce(publication, cell) {
      publish(publication, (cell === undefined ? undefined : owners.get(cell)?.parent) ?? {});
    },
    welcome(topic) {
      const subscription = Buffer.from(topic).toString("utf8");
      emit("iopub", "iopub_welcome", { subscription }, {}, { identities: [topic] });
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

function errorAnswer(error: unknown): object {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { status: "error", ename: name, evalue: message, traceback: [`${name}: ${message}`] };
}
