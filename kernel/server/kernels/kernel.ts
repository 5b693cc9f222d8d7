import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";

import type { JsonObject } from "../../protocol/json.ts";
import type { Header } from "../../protocol/messages.ts";
import { reason } from "../../run/input-error.ts";
import type { Exit } from "../../run/kernel-process.ts";
import type { KernelSpec } from "../../run/kernel-spec.ts";
import { cannotStart, deathSentence, Deaths } from "./death.ts";
import type { Lost, Mailbox } from "./mailbox.ts";
import { Mailboxes } from "./mailboxes.ts";
import { byteLength, contentOf, said, type ClientMessage, type KernelMessage } from "./message.ts";
import { createOutputLimit, type OutputLimits, type Verdict } from "./output-limit.ts";
import { PendingRequests, type PendingRequest } from "./pending-requests.ts";
import { runKernel, type RunningKernel } from "./running-kernel.ts";
import type { Subprotocol } from "./subprotocol.ts";

/** What a kernel is doing. */
export type ExecutionState = "starting" | "idle" | "busy" | "restarting" | "dead";

/** A kernel as the REST API describes it. */
export interface KernelModel {
  readonly id: string;
  readonly name: string;
  readonly last_activity: string;
  readonly execution_state: ExecutionState;
  readonly connections: number;
  /** Why it died last; the model of a kernel that never died has none. */
  readonly reason?: string;
}

/** What kernels have in common. */
export interface KernelOptions extends OutputLimits {
  /** The most bytes of output that wait for a page that is away or slow. */
  readonly bufferBytes: number;
  readonly log: (line: string) => void;
}

/** How long a restart may take. */
const startTimeoutMs = 60_000;
/** Requests that come before the kernel answers wait, but not without bound. */
const heldBytes = 64 * 1024 * 1024;
/** A kernel with one id over all the processes that it is started as, and its clients. */
export class Kernel {
  readonly id: string = randomUUID();
  readonly spec: KernelSpec;
  readonly #cwd: string;
  readonly #options: KernelOptions;
  readonly #limit: (message: KernelMessage) => Verdict;
  readonly #mailboxes: Mailboxes;
  readonly #pending = new PendingRequests();
  /** The requests that the kernel works on. */
  readonly #busy = new Set<string>();
  #held: ClientMessage[] = [];
  #heldBytes = 0;
  #running: RunningKernel | undefined;
  #ready = false;
  #state: ExecutionState = "starting";
  #reason: string | undefined;
  readonly #deaths = new Deaths();
  #lastActivity = new Date();
  /** The session of the kernel's own messages. */
  #session: string = randomUUID();
  #ended = false;
  /** Starts, restarts and deaths come one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  #onSettled: (() => void)[] = [];

  constructor(spec: KernelSpec, cwd: string, options: KernelOptions) {
    this.spec = spec;
    this.#cwd = cwd;
    this.#options = options;
    this.#limit = createOutputLimit(options);
    this.#mailboxes = new Mailboxes(options.bufferBytes, (lost) => this.#lost(lost));
  }

  get state(): ExecutionState {
    return this.#state;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  get lastActivity(): Date {
    return this.#lastActivity;
  }

  get connections(): number {
    return this.#mailboxes.connections;
  }

  model(): KernelModel {
    return {
      id: this.id,
      name: this.spec.name,
      last_activity: this.#lastActivity.toISOString(),
      execution_state: this.#state,
      connections: this.connections,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    };
  }

  /**
   * Starts the process; it answers later.
   *
   * @throws when the command cannot be started
   */
  start(): Promise<void> {
    return this.#exclusive(() => this.#launch());
  }

  /**
   * Ends the process and starts another, with the same clients.
   *
   * @throws when the new one does not answer
   */
  async restart(): Promise<void> {
    await this.#exclusive(async () => {
      if (this.#ended) throw new Error("it was shut down");
      const running = this.#running;
      this.#running = undefined;
      this.#ready = false;
      this.#state = "restarting";
      this.#deaths.forget();
      this.#reason = undefined;
      this.#endRequests("KernelRestarted", "The kernel was restarted.", { last: false });
      await running?.end(true);
      await this.#launch().catch((error: unknown) => {
        this.#die(cannotStart(error));
        throw error;
      });
      // Not "restarting": by that word a page knows that the kernel died, and says so to the user.
      this.#publishState("starting");
    });
    await this.#settled();
    if (!this.#ready) throw new Error(this.#reason ?? `the kernel did not answer within ${startTimeoutMs / 1000} s`);
  }

  interrupt(): void {
    this.#running?.interrupt();
  }

  /** Ends the process, and the connections to its clients. */
  async shutdown(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#exclusive(async () => {
      const running = this.#running;
      this.#running = undefined;
      this.#ready = false;
      await running?.end(false);
      this.#endRequests("KernelDied", "The kernel was shut down.", { last: true });
      this.#publishState("dead");
      this.#mailboxes.close(1000, "the kernel was shut down");
      this.#settle();
    });
  }

  /** Connects a page: it is sent what its session missed, and from now on what comes. */
  connect(socket: WebSocket, session: string, subprotocol: Subprotocol): Mailbox {
    const mailbox = this.#mailboxes.connect(socket, session, subprotocol);
    // A page that comes while a cell runs would not know it: its own requests are answered after that.
    mailbox.put(this.#stateMessage(this.#state === "restarting" ? "starting" : this.#state));
    return mailbox;
  }

  /** A page went away; it may come back, in its session. */
  disconnect(socket: WebSocket, session: string): void {
    this.#mailboxes.disconnect(socket, session);
  }

  /** A page went away for good. */
  forget(session: string): void {
    this.#mailboxes.forget(session);
  }

  /** Forgets the sessions that will not come back. While nobody is connected, nobody is forgotten. */
  forgetAbsent(): void {
    this.#mailboxes.forgetAbsent();
  }

  /** Takes a client's message. False when so much waits for the kernel's start that this one cannot. */
  receive(message: ClientMessage, mailbox: Mailbox): boolean {
    this.#lastActivity = new Date();
    if (!this.#ready) {
      const bytes = byteLength(message);
      if (this.#heldBytes + bytes > heldBytes) return false;
      this.#heldBytes += bytes;
      this.#held.push(message);
    }
    this.#pending.add(message, mailbox);
    if (this.#ready) this.#running?.send(message);
    return true;
  }

  async #launch(): Promise<void> {
    this.#busy.clear();
    const running = await runKernel(
      this.spec,
      this.#cwd,
      (message) => {
        if (this.#running === running) this.#take(message);
      },
      this.#options.log,
    );
    this.#running = running;
    this.#state = "starting";
    void running.ready.then(() => {
      if (this.#running === running) this.#becomeReady(running);
    });
    running.exited
      .then((exit) =>
        this.#exclusive(async () => {
          if (this.#running === running) await this.#died(running, exit);
        }),
      )
      .catch((error: unknown) => {
        this.#options.log(`kernel ${this.id}: its death was not dealt with: ${String(error)}`);
      });
  }

  #becomeReady(running: RunningKernel): void {
    this.#ready = true;
    if (this.#state === "starting") this.#publishState("idle");
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const message of held) running.send(message);
    this.#settle();
  }

  async #died(running: RunningKernel, exit: Exit): Promise<void> {
    const answered = this.#ready;
    this.#running = undefined;
    this.#ready = false;
    await running.destroy();
    const final = this.#deaths.add();
    const why = deathSentence(exit, answered, final);
    this.#options.log(`kernel ${this.id} (${this.spec.name}): ${reason(why)}`);
    // A kernel that did not get as far as to answer is tried again without a word: requests wait for it, nothing is lost.
    if (answered || final) {
      this.#reason = why;
      this.#tellRunningCell(why);
      this.#endRequests("KernelDied", why, { last: final });
    }
    if (final) {
      this.#die(why);
      return;
    }
    this.#state = "restarting";
    // A page that hears this drops its requests, says so, and connects anew.
    if (answered) this.#publishState("restarting");
    await this.#launch().catch((error: unknown) => {
      this.#die(cannotStart(error));
    });
  }

  /** Gives up. A page that connects again is refused, asks for the kernel's model and shows its reason. */
  #die(why: string): void {
    this.#state = "dead";
    this.#reason = why;
    this.#held = [];
    this.#heldBytes = 0;
    this.#mailboxes.close(1011, "the kernel is dead");
    this.#settle();
  }

  #tellRunningCell(why: string): void {
    // Cells run in order. That the kernel has begun with this one, it may not have come to say.
    const running = this.#pending.first((request) => request.message.header.msg_type === "execute_request");
    this.#publish("stream", { name: "stderr", text: `${why}\n` }, running?.message.header);
  }

  /** Ends what was asked of a kernel that is gone, so that nothing waits for ever. */
  #endRequests(ename: string, evalue: string, { last }: { readonly last: boolean }): void {
    const held = new Set(this.#held);
    for (const request of this.#pending.takeAll()) {
      const { message, mailbox, replied } = request;
      // What was not sent yet, and what asks only whether a kernel is there, is for the next one.
      const asksForKernel = message.header.msg_type === "kernel_info_request" && !replied;
      if (!last && (held.has(message) || asksForKernel)) {
        this.#pending.add(message, mailbox);
        if (held.has(message)) continue;
        this.#heldBytes += byteLength(message);
        this.#held.push(message);
      } else this.#endRequest(request, { status: "error", ename, evalue, traceback: [evalue] });
    }
    this.#busy.clear();
  }

  #endRequest({ message, mailbox, count, replied, idle }: PendingRequest, error: JsonObject): void {
    const { channel, header } = message;
    const type = header.msg_type.replace(/_request$/u, "_reply");
    // A cell that had not begun has no number.
    const content = count === undefined ? error : { ...error, execution_count: count };
    if (!replied) mailbox.put(said({ channel, type, content, parent: header, session: this.#session }));
    if (!idle) this.#publish("status", { execution_state: "idle" }, header);
  }

  #take(message: KernelMessage): void {
    this.#lastActivity = new Date();
    this.#session = message.header.session;
    if (message.channel === "iopub") this.#takeOutput(message);
    else this.#takeReply(message);
  }

  #takeReply(message: KernelMessage): void {
    const { channel, header, parent } = message;
    const request =
      channel === "stdin" ? this.#pending.get(parent?.msg_id) : this.#pending.settle(parent?.msg_id, "replied");
    if (header.msg_type === "execute_reply" && this.#deaths.any && contentOf(message)["status"] === "ok")
      this.#deaths.forget();
    // What no request caused goes to whom it names.
    (request?.mailbox ?? this.#mailboxes.get(parent?.session ?? ""))?.put(message);
  }

  #takeOutput(message: KernelMessage): void {
    const { header, parent } = message;
    if (header.msg_type === "status") this.#takeStatus(contentOf(message), parent);
    if (header.msg_type === "execute_input") {
      const count = contentOf(message)["execution_count"];
      const request = this.#pending.get(parent?.msg_id);
      if (request !== undefined && typeof count === "number") request.count = count;
    }
    const verdict = this.#limit(message);
    if (verdict.passes) this.#broadcast(message);
    else if (verdict.notice !== undefined) this.#publish("stream", { name: "stderr", text: verdict.notice }, parent);
  }

  #takeStatus({ execution_state: state }: JsonObject, parent: Header | undefined): void {
    // A kernel that answers one request beside another is busy until it has done both.
    if (parent !== undefined && state === "busy") this.#busy.add(parent.msg_id);
    if (parent !== undefined && state === "idle") {
      this.#busy.delete(parent.msg_id);
      this.#pending.settle(parent.msg_id, "idle");
    }
    if (state === "busy" || state === "idle") this.#state = this.#busy.size > 0 ? "busy" : "idle";
    else if (state === "starting") this.#state = state;
  }

  /** Says what the kernel does, in its name, and remembers it. */
  #publishState(state: ExecutionState): void {
    this.#state = state;
    this.#broadcast(this.#stateMessage(state));
  }

  #stateMessage(state: ExecutionState): KernelMessage {
    const content = { execution_state: state };
    return said({ channel: "iopub", type: "status", content, session: this.#session });
  }

  #publish(type: string, content: JsonObject, parent: Header | undefined): void {
    this.#broadcast(said({ channel: "iopub", type, content, parent, session: this.#session }));
  }

  #broadcast(message: KernelMessage): void {
    this.#mailboxes.put(message);
  }

  #lost({ bytes, parent }: Lost): KernelMessage {
    const megabytes = (bytes / 1e6).toFixed(1);
    const text =
      `veelab: ${megabytes} MB of output are missing here: the page was away, or slower than the kernel. ` +
      `Start the server with a higher --output-buffer-bytes (now ${this.#options.bufferBytes}) to keep more.\n`;
    const content = { name: "stderr", text };
    return said({ channel: "iopub", type: "stream", content, parent, session: this.#session });
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when the kernel answers, or is dead, or after the longest time that it may take. */
  async #settled(): Promise<void> {
    if (this.#ready || this.#state === "dead") return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, startTimeoutMs);
      timer.unref();
      this.#onSettled.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #settle(): void {
    const waiting = this.#onSettled;
    this.#onSettled = [];
    for (const resolve of waiting) resolve();
  }
}
