import { randomUUID } from "node:crypto";
import { setTimeout as after } from "node:timers/promises";

import { createEnvelope } from "../../protocol/wire.ts";
import { spawnKernel, type Exit } from "../../run/kernel-process.ts";
import { connectOutput, connectRequests, type RequestSocket } from "../../run/kernel-sockets.ts";
import type { KernelSpec } from "../../run/kernel-spec.ts";
import { kernelMessage, said, type Channel, type ClientChannel, type KernelMessage } from "./message.ts";

/** A kernel's process and the server's connection to it. */
export interface RunningKernel {
  /** Resolves when the kernel answers and its output is heard: what is sent from then on loses nothing. */
  readonly ready: Promise<void>;
  /** Resolves when the process has ended and what it sent last has been taken. */
  readonly exited: Promise<Exit>;
  send(message: Pick<KernelMessage, "parts" | "buffers"> & { readonly channel: ClientChannel }): void;
  /** Interrupts the running cell the way this kernel understands. */
  interrupt(): void;
  /** Asks the kernel to end and, if it has not within two seconds, ends it and all that it started. */
  end(restart: boolean): Promise<void>;
  /** Ends the kernel and all that it started, now. */
  destroy(): Promise<void>;
}

const shutdownMs = 2000;
/** What is asked of a kernel that is being started, or its answer, may be lost: so often it is asked again. */
const askAgainMs = 1000;
/** A kernel that answered before its output was heard is asked sooner: each request makes it publish its status. */
const askUnheardMs = 20;
/** When a kernel is gone, what it sent last is in this process: it needs no longer than this to be read. */
const lastWordsMs = 30;

/**
 * Starts a kernel's process and connects to it.
 *
 * All clients share one socket a channel, so one identity: a reply finds its client by the request that it names, on
 * stdin as well. Sockets for each client would have to be awaited one by one (a kernel's question to a stdin socket
 * that is not connected yet is lost), and would keep no order between clients.
 *
 * @param take called with each message of the kernel, other than answers to the server's own requests
 * @throws when the command cannot be started
 */
export async function runKernel(
  spec: KernelSpec,
  cwd: string,
  take: (message: KernelMessage) => void,
  log: (line: string) => void,
): Promise<RunningKernel> {
  const kernel = await spawnKernel(spec, cwd);
  const { connection } = kernel;
  // Signatures are checked, but not remembered against replay: the kernel binds, so only who holds its key is heard.
  const envelope = createEnvelope(connection.key, connection.signature_scheme);
  const session = randomUUID();
  const identity = randomUUID();
  let answered = false;
  let heard = false;
  let closed = false;
  let lastMessage = Date.now();
  let onReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => (onReady = resolve));

  const taking =
    (channel: Channel) =>
    (frames: Buffer[]): void => {
      lastMessage = Date.now();
      try {
        const { parts, buffers } = envelope.open(frames);
        const message = kernelMessage(channel, parts, buffers);
        if (message.parent?.session !== session) take(message);
        else if (channel === "shell") answered = true;
      } catch (error) {
        log(`kernel ${spec.name}: a message on ${channel} was left out: ${(error as Error).message}`);
        return;
      }
      if (channel === "iopub") heard = true;
      if (answered && heard) onReady();
      else if (answered) askAgain(askUnheardMs);
    };
  const output = connectOutput(connection, taking("iopub"));
  const sockets: Readonly<Record<ClientChannel, RequestSocket>> = {
    shell: connectRequests(connection, "shell_port", identity, taking("shell")),
    control: connectRequests(connection, "control_port", identity, taking("control")),
    stdin: connectRequests(connection, "stdin_port", identity, taking("stdin")),
  };
  const send: RunningKernel["send"] = ({ channel, parts, buffers }) => {
    sockets[channel].send(envelope.seal({ identities: [], parts, buffers }));
  };
  const ask = (channel: "shell" | "control", type: string, content: { readonly restart?: boolean } = {}): void => {
    send({ ...said({ channel, type, content, session }), channel });
  };

  const exited = kernel.exited.then(async (exit) => {
    const from = Date.now();
    while (Date.now() - Math.max(from, lastMessage) < lastWordsMs) await after(lastWordsMs);
    return exit;
  });
  let next: NodeJS.Timeout | undefined;
  const askAgain = (milliseconds: number): void => {
    clearTimeout(next);
    next = setTimeout(() => {
      if (closed || (answered && heard)) return;
      ask("shell", "kernel_info_request");
      askAgain(askAgainMs);
    }, milliseconds).unref();
  };
  ask("shell", "kernel_info_request");
  askAgain(askAgainMs);
  const destroy = async (): Promise<void> => {
    if (!closed) {
      closed = true;
      output.close();
      for (const socket of Object.values(sockets)) socket.close();
    }
    await kernel.destroy();
  };

  return {
    ready,
    exited,
    send,
    interrupt() {
      if (spec.interruptMode === "signal") kernel.interrupt();
      else ask("control", "interrupt_request");
    },
    async end(restart) {
      ask("control", "shutdown_request", { restart });
      await Promise.race([kernel.exited, after(shutdownMs, undefined, { ref: false })]);
      await destroy();
    },
    destroy,
  };
}
