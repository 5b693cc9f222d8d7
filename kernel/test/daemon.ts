import { spawn } from "node:child_process";
import { once } from "node:events";

/** A server program that a test started. */
export interface Daemon {
  /** What it has printed so far. */
  readonly output: () => string;
  /** Whether it has ended. */
  readonly ended: () => boolean;
  /** Ends it and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

// The shell waits for the end of its standard input, which the kernel closes also where the test's process is killed.
const WATCH = '"$@" & child=$!; read -r _; kill -TERM "$child" 2>/dev/null; wait "$child"';

/** Starts a server in the foreground, so that it ends with whoever started it. */
export function startDaemon(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Daemon {
  const shell = spawn("sh", ["-c", WATCH, "sh", command, ...args], { stdio: ["pipe", "pipe", "pipe"], env });
  let output = "";
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  shell.stdout.on("data", collect);
  shell.stderr.on("data", collect);
  const ended = (): boolean => shell.exitCode !== null || shell.signalCode !== null;
  return {
    output: () => output,
    ended,
    async stop() {
      if (ended()) return;
      const exit = once(shell, "exit");
      shell.stdin.end();
      await exit;
    },
  };
}

/** Asks until the answer is yes; throws what `problem` says when it is not within a minute. */
export async function until(ready: () => boolean | Promise<boolean>, problem: () => string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(problem());
}
