import type { JsonObject } from "../../protocol/json.ts";
import { list, sourcePath, text } from "./arguments.ts";
import { capabilities } from "./capabilities.ts";
import { hashParameters } from "./cell-files.ts";
import { threadId, type Program } from "./program.ts";

/** Carries out one command of the Debug Adapter Protocol; throws where that is not possible. */
export type Command = (given: JsonObject) => JsonObject | undefined | Promise<JsonObject | undefined>;

/** Commands by their name. */
export type Commands = Readonly<Record<string, Command>>;

/** The commands by which a session begins and ends, and by which the program is stopped and goes on. */
export function controlCommands(program: Program): Commands {
  const { parts, breakpoints } = program;
  let started = false;
  return {
    debugInfo: () => ({
      isStarted: started,
      ...hashParameters,
      tmpFilePrefix: parts.files.prefix,
      tmpFileSuffix: parts.files.suffix,
      breakpoints: breakpoints.list(),
      stoppedThreads: program.stop === undefined ? [] : [threadId],
      richRendering: true,
      copyToGlobals: true,
      // Exceptions are chosen by filters, not by paths.
      exceptionPaths: [],
    }),
    dumpCell: ({ code }) => ({ sourcePath: parts.files.dump(text(code, "code")) }),
    initialize: ({ clientID }) => {
      started = true;
      program.showsTypes = typeof clientID === "string" && clientID !== "jupyterlab";
      parts.event("initialized", {});
      return capabilities;
    },
    async attach() {
      started = true;
      await program.attach();
      return undefined;
    },
    configurationDone: () => undefined,
    async disconnect() {
      started = false;
      await program.detach();
      return undefined;
    },
    async terminate() {
      await parts.interrupt();
      return undefined;
    },
    async setBreakpoints(given) {
      program.needAttached();
      return { breakpoints: await breakpoints.set(sourcePath(given), list(given["breakpoints"], "breakpoints")) };
    },
    async setExceptionBreakpoints({ filters }) {
      const names = list(filters, "filters");
      await program.stopAtExceptions(names.includes("all") ? "all" : names.includes("uncaught") ? "uncaught" : "none");
      return undefined;
    },
    threads: () => ({ threads: [{ id: threadId, name: "main" }] }),
    async continue() {
      await program.continue();
      return { allThreadsContinued: true };
    },
    async next() {
      await program.step("over");
      return undefined;
    },
    async stepIn() {
      await program.step("into");
      return undefined;
    },
    async stepOut() {
      await program.step("out");
      return undefined;
    },
    async pause() {
      await program.pause();
      return undefined;
    },
  };
}
