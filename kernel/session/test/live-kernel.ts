import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { isJsonObject, type JsonObject } from "../../protocol/json.ts";
import { connectKernel, type KernelClient } from "../../run/kernel-client.ts";
import { spawnKernel, type KernelProcess } from "../../run/kernel-process.ts";
import { ownKernel } from "../../run/kernel-spec.ts";
import { checkVariable } from "../check-line.ts";

/** One message that the kernel published. */
export interface Published {
  readonly type: string;
  readonly content: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

/** What became of one cell. */
export interface CellRun {
  readonly reply: JsonObject;
  /** What was published under it up to its idle. */
  readonly outputs: readonly Published[];
  /** Everything under it, also what comes later; grows. */
  readonly all: readonly Published[];
  /** The text of one stream. */
  text(name?: "stdout" | "stderr"): string;
  /** The result's plain text. */
  result(): string | undefined;
}

/** A cell that was sent and may still run. */
export interface SentCell {
  /** Resolves once it runs. */
  readonly started: Promise<void>;
  readonly ended: Promise<CellRun>;
  /** Resolves once what was published under it fulfils a condition. */
  seen(condition: (published: readonly Published[]) => boolean): Promise<void>;
}

/** A comm's message that was sent. */
export interface SentComm {
  /** Resolves with what was published under it up to its idle. */
  readonly handled: Promise<readonly Published[]>;
  /** Resolves once what was published under it fulfils a condition. */
  seen(condition: (published: readonly Published[]) => boolean): Promise<void>;
}

/** A built kernel in a process of its own, over its real sockets. */
export interface LiveKernel {
  readonly process: KernelProcess;
  readonly client: KernelClient;
  execute(code: string, options?: JsonObject): Promise<CellRun>;
  /** Sends a cell, to a subshell if one is named. */
  send(code: string, options?: JsonObject, subshell?: string): SentCell;
  /** Sends a comm's message, which has no reply. */
  comm(type: string, content: JsonObject, buffers?: readonly Uint8Array[]): SentComm;
  interrupt(): Promise<JsonObject>;
  /** The states that were published for a request up to now. */
  states(id: string): unknown[];
  stop(): Promise<void>;
}

/**
 * Starts the built kernel (`npm run build` comes first), in a folder; its types are checked only if the environment says so.
 *
 * @param heard - told of everything that is published
 */
export async function startKernel(
  directory: string = tmpdir(),
  env: Readonly<Record<string, string>> = {},
  heard: (type: string, content: JsonObject) => void = () => undefined,
): Promise<LiveKernel> {
  const main = fileURLToPath(new URL("../../../dist/kernel/main.js", import.meta.url));
  if (!existsSync(main)) throw new Error(`${main}: expected the built kernel (npm run build)`);
  const process = await spawnKernel({ ...ownKernel(), env: { [checkVariable]: "off", ...env } }, directory);
  const published = new Map<string, Published[]>();
  const listeners = new Set<() => void>();
  const of = (id: string): Published[] => {
    const list = published.get(id) ?? [];
    published.set(id, list);
    return list;
  };
  const client = connectKernel(process.connection, (parent, type, content, buffers) => {
    of(parent).push({ type, content, buffers });
    heard(type, content);
    for (const listener of listeners) listener();
  });
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        listeners.delete(check);
        resolve();
      };
      listeners.add(check);
      check();
    });
  /** A kernel that has died answers no more. */
  const orDied = async <T>(answer: Promise<T>): Promise<T> =>
    Promise.race([
      answer,
      process.exited.then(({ code, signal, stderr }): never => {
        throw new Error(`the kernel ended (${signal ?? code}) before it answered: ${stderr}`);
      }),
    ]);
  await orDied(client.ready());

  const send: LiveKernel["send"] = (code, options = {}, subshell) => {
    const { id, reply } = client.request("shell", "execute_request", { code, ...options }, subshell);
    const all = of(id);
    const when = (name: string): number =>
      all.findIndex(({ type, content }) => type === "status" && content["execution_state"] === name);
    const ended = async (): Promise<CellRun> => {
      const content = await orDied(reply);
      await orDied(until(() => when("idle") >= 0));
      const outputs = all.slice(0, when("idle") + 1);
      return {
        reply: content,
        outputs,
        all,
        text: (name = "stdout") =>
          outputs
            .filter(({ type, content }) => type === "stream" && content["name"] === name)
            .map(({ content }) => content["text"] as string)
            .join(""),
        result() {
          const data = outputs.find(({ type }) => type === "execute_result")?.content["data"];
          const text = isJsonObject(data) ? data["text/plain"] : undefined;
          return typeof text === "string" ? text : undefined;
        },
      };
    };
    const run = ended();
    // A test may end the kernel with cells that it does not wait for.
    run.catch(() => undefined);
    return { started: until(() => when("busy") >= 0), ended: run, seen: (condition) => until(() => condition(all)) };
  };

  return {
    process,
    client,
    send,
    comm(type, content, buffers) {
      const all = of(client.send("shell", type, content, buffers));
      const idle = (): boolean => all.some(({ content }) => content["execution_state"] === "idle");
      return { handled: until(idle).then(() => [...all]), seen: (condition) => until(() => condition(all)) };
    },
    execute: (code, options) => send(code, options).ended,
    states: (id) =>
      of(id)
        .filter(({ type }) => type === "status")
        .map(({ content }) => content["execution_state"]),
    interrupt: () => client.request("control", "interrupt_request", {}).reply,
    async stop() {
      client.close();
      await process.destroy();
    },
  };
}
