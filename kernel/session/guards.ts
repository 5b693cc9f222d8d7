import { syncBuiltinESMExports } from "node:module";
import { currentCell } from "./context.ts";
import type { Outlet } from "./outlet.ts";

/** Thrown at a cell that calls `process.exit` or `process.abort`: the kernel is not the cell's to end. */
class ExitRefused extends Error {
  override readonly name = "ExitRefused";

  constructor(call: string) {
    super(
      `${call} would end the kernel and lose the notebook's variables: ` +
        "throw an error to stop the cell, or shut the kernel down from the front end",
    );
  }
}

/**
 * Keeps the process alive: what is thrown where nobody catches it (in a timer, in a promise that nobody awaits) is shown
 * on stderr of the cell that it comes from, and `process.exit` and `process.abort` are refused.
 */
export function guardProcess(outlet: Outlet, describe: (error: unknown) => readonly string[]): void {
  const show = (error: unknown, what: string): void => {
    const cell = currentCell();
    if (!cell.interrupted) outlet.print("stderr", `${what}\n${describe(error).join("\n")}\n`, cell);
  };
  process.on("uncaughtException", (error) => {
    show(error, "Uncaught error, outside of the cell's own run:");
  });
  process.on("unhandledRejection", (reason) => {
    show(reason, "Unhandled rejection of a promise:");
  });
  // Ctrl-C in the terminal of a notebook server reaches its kernels, too; interrupts come as messages.
  process.on("SIGINT", () => undefined);
  process.exit = (code) => {
    throw new ExitRefused(`process.exit(${code ?? ""})`);
  };
  process.abort = () => {
    throw new ExitRefused("process.abort()");
  };
  // Also for who imports them by name.
  syncBuiltinESMExports();
}
