import type { Runtime } from "node:inspector";
import { readFileSync } from "node:fs";
import type { Json, JsonObject } from "../../protocol/json.ts";
import { page, sourcePath, text, whole } from "./arguments.ts";
import type { Commands } from "./commands.ts";
import { withoutTypes } from "./conditions.ts";
import { argument } from "./main-thread.ts";
import type { Program } from "./program.ts";
import { readGlobals, setGlobal } from "./stop.ts";
import type { Variable } from "./variables.ts";

/** The commands that show the program and its values, and change them. */
export function dataCommands(program: Program): Commands {
  const { main, parts } = program;
  const shown = ({ type, ...variable }: Variable): JsonObject =>
    program.showsTypes && type !== undefined ? { ...variable, type } : variable;
  /** In the answers that do not repeat its name. */
  const valueOf = (variable: Variable): JsonObject => ({ ...shown(variable), name: undefined });

  /** The value of an expression in a frame, or at the top level. */
  const evaluate = async (
    expression: string,
    frameId: Json | undefined,
    throwOnSideEffect = false,
  ): Promise<Runtime.RemoteObject> => {
    const code = withoutTypes(expression);
    if (frameId === undefined || frameId === null) return await program.evaluate(code, throwOnSideEffect);
    const { call } = program.needStop().frame(whole(frameId, "frameId"));
    // A cell's own code sees what the top level sees; in the frame, V8 13 finds no variable that was declared again.
    if (call.scopeChain[0]?.type === "script") return await program.evaluate(code, throwOnSideEffect);
    return await main.evaluateIn(call.callFrameId, code, throwOnSideEffect);
  };

  return {
    stackTrace: ({ startFrame, levels }) =>
      program.needStop().stackTrace(whole(startFrame, "startFrame", 0), whole(levels, "levels", 0)),
    scopes: ({ frameId }) => ({ scopes: program.needStop().scopes(whole(frameId, "frameId")) }),
    async variables(given) {
      const reference = whole(given["variablesReference"], "variablesReference");
      const variables =
        (await program.stop?.variables(reference, page(given))) ??
        (await main.call("list", { value: reference }, { value: page(given) }));
      return { variables: variables.map(shown) };
    },
    async inspectVariables() {
      // Those that were shown before are shown anew; where the program is stopped its frames' are, too.
      if (program.stop === undefined) await main.release();
      return { variables: (await readGlobals(main)).map(shown) };
    },
    async evaluate({ expression, frameId, context }) {
      const value = await evaluate(text(expression, "expression"), frameId, context === "hover");
      const { value: result, ...rest } = valueOf(await main.call("show", { value: "" }, argument(value)));
      return { result, ...rest };
    },
    async setVariable({ variablesReference, name, value }) {
      const reference = whole(variablesReference, "variablesReference");
      const variable = text(name, "name");
      const given = await evaluate(text(value, "value"), program.stop?.frameOf(reference)?.id);
      if (await program.stop?.setVariable(reference, variable, given))
        return valueOf(await main.call("show", { value: variable }, argument(given)));
      return valueOf(await main.call("set", { value: reference }, { value: variable }, argument(given)));
    },
    async copyToGlobals({ srcVariableName, dstVariableName, srcFrameId }) {
      const value = await evaluate(text(srcVariableName, "srcVariableName"), whole(srcFrameId, "srcFrameId"));
      const name = text(dstVariableName, "dstVariableName");
      await setGlobal(main, name, value);
      return valueOf(await main.call("show", { value: name }, argument(value)));
    },
    async richInspectVariables({ variableName, frameId }) {
      const frame = program.stop === undefined ? undefined : frameId;
      const value = await evaluate(text(variableName, "variableName"), frame);
      // A promise goes on only where the other thread does.
      const idle = program.stop === undefined && parts.running().length === 0;
      return (await main.render(argument(value), idle)) as unknown as JsonObject;
    },
    exceptionInfo() {
      const { exception } = program.needStop();
      if (exception === undefined) throw new Error("the program was not stopped by an exception");
      const { name, message, stack } = exception;
      return {
        exceptionId: name,
        description: message,
        breakMode: program.exceptions === "uncaught" ? "unhandled" : "always",
        details: { typeName: name, message, stackTrace: stack },
      };
    },
    source: (given) => ({ content: parts.files.code(sourcePath(given)) ?? readFileSync(sourcePath(given), "utf8") }),
    async modules({ startModule, moduleCount }) {
      const all = await main.call("modules");
      const start = whole(startModule, "startModule", 0);
      const count = whole(moduleCount, "moduleCount", 0);
      const shown = all.map(({ name, path }) => ({ id: path, name, path }));
      return { modules: shown.slice(start, count > 0 ? start + count : undefined), totalModules: all.length };
    },
  };
}
