import type { JsonObject } from "../protocol/json.ts";
import { InputError, reason } from "./input-error.ts";
import { connectKernel, type KernelClient, type OutputListener } from "./kernel-client.ts";
import { describeExit, spawnKernel, type Exit, type KernelProcess } from "./kernel-process.ts";
import type { KernelSpec } from "./kernel-spec.ts";

/** A kernel that runs and answers, and the connection to it. */
export interface KernelSession {
  readonly client: KernelClient;
  /** The content of its `kernel_info_reply`. */
  readonly info: JsonObject;
  readonly exited: Promise<Exit>;
  /** Interrupts the running cell the way this kernel understands. */
  interrupt(): void;
  /** Asks the kernel to end and, if it has not within two seconds, ends it and all that it started. */
  close(): Promise<void>;
  /** Ends the kernel and all that it started, now. */
  destroy(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const SHUTDOWN_MS = 2000;

/**
 * Starts a kernel and waits until it can run cells. A kernel that ends before it answers is started once more: another
 * process may have taken one of its ports in between.
 *
 * @param stop Ends the wait, and the kernel
 * @throws InputError when it cannot be started, with what it wrote to its standard error
 */
export async function startKernel(
  spec: KernelSpec,
  cwd: string,
  onOutput: OutputListener,
  stop: AbortSignal,
): Promise<KernelSession> {
  const first = await attempt(spec, cwd, onOutput, stop);
  if (!(first instanceof InputError)) return first;
  if (stop.aborted) throw first;
  const second = await attempt(spec, cwd, onOutput, stop);
  if (second instanceof InputError) throw second;
  return second;
}

/** A session, or why the kernel ended before it answered. */
async function attempt(
  spec: KernelSpec,
  cwd: string,
  onOutput: OutputListener,
  stop: AbortSignal,
): Promise<KernelSession | InputError> {
  let kernel: KernelProcess;
  try {
    kernel = await spawnKernel(spec, cwd);
  } catch (cause) {
    throw new InputError(`the kernel ${spec.name} cannot be started: ${reason(cause)}`, { cause });
  }
  const client = connectKernel(kernel.connection, onOutput);
  const destroy = async (): Promise<void> => {
    client.close();
    await kernel.destroy();
  };
  const limit = AbortSignal.any([stop, AbortSignal.timeout(START_TIMEOUT_MS)]);
  const outcome = await Promise.race([client.ready(), kernel.exited, aborted(limit)]);
  if (outcome === undefined) {
    await destroy();
    throw new InputError(
      stop.aborted
        ? `the start of the kernel ${spec.name} was interrupted`
        : `the kernel ${spec.name} did not answer within ${START_TIMEOUT_MS / 1000} s of its start`,
    );
  }
  if (isExit(outcome)) {
    await destroy();
    const said = outcome.stderr.trim().split("\n").slice(-5).join("\n");
    return new InputError(`the kernel ${spec.name} ${describeExit(outcome)} at its start${said && `:\n${said}`}`);
  }
  return {
    client,
    info: outcome,
    exited: kernel.exited,
    destroy,
    interrupt() {
      if (spec.interruptMode === "signal") kernel.interrupt();
      else void client.request("control", "interrupt_request", {});
    },
    async close() {
      void client.request("control", "shutdown_request", { restart: false });
      await Promise.race([kernel.exited, elapsed(SHUTDOWN_MS)]);
      await destroy();
    },
  };
}

function isExit(outcome: JsonObject | Exit): outcome is Exit {
  return "stderr" in outcome && "signal" in outcome;
}

/** Resolves after a time, which by itself does not keep the process alive. */
export function elapsed(milliseconds: number): Promise<undefined> {
  return aborted(AbortSignal.timeout(milliseconds));
}

/** Resolves when a signal is aborted. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else
      signal.addEventListener(
        "abort",
        () => {
          resolve(undefined);
        },
        { once: true },
      );
  });
}
