import { Session, type Runtime } from "node:inspector";
import vm from "node:vm";
import { cellGlobal, compileCell, declareNames, type CellGlobal, type CompiledCell } from "../compile.ts";

/** How a cell ended: its value, or what it threw. */
export type Outcome = { readonly value: unknown } | { readonly thrown: unknown };

/** Cells evaluated one after the other by V8's REPL mode, in a context of their own or the main one. */
export interface Repl {
  readonly context: vm.Context;
  readonly cells: CompiledCell[];
  run(source: string): Promise<Outcome>;
  close(): void;
}

/** What cells call, without any modules. */
export const bareGlobal: CellGlobal = {
  import: (specifier) => Promise.resolve({ default: `module ${String(specifier)}` }),
  names: (specifier, names, attributes) =>
    Promise.resolve(
      Object.fromEntries(
        names.map((name) => [
          name,
          `${name} of ${specifier}${"type" in attributes ? ` as ${attributes["type"]}` : ""}`,
        ]),
      ),
    ),
  meta: { url: "file:///notebooks/" },
  previous(read) {
    try {
      return read();
    } catch {
      return undefined;
    }
  },
  constant() {
    throw new TypeError("Assignment to constant variable.");
  },
};

let opened = 0;

/** Opens a session of this thread's own inspector on a fresh context, as the kernel does on the main one. */
export function openRepl(
  global: CellGlobal = bareGlobal,
  compiled: (cell: CompiledCell) => void = () => undefined,
  place: "own" | "main" = "own",
): Repl {
  const session = new Session();
  session.connect();
  const name = `repl ${++opened}`;
  const context = place === "main" ? globalThis : vm.createContext({ console, TypeError, Error, Symbol }, { name });
  let contextId = 0;
  session.on("Runtime.executionContextCreated", ({ params: { context } }) => {
    const { isDefault } = context.auxData as { isDefault: boolean };
    if (place === "main" ? isDefault : context.name === name) contextId = context.id;
  });
  session.post("Runtime.enable");
  Object.defineProperty(context, cellGlobal, { value: global });
  const constants = new Set<string>();
  const cells: CompiledCell[] = [];

  async function run(source: string): Promise<Outcome> {
    const cell = compileCell(source, `cell [${cells.length + 1}]`, constants);
    cells.push(cell);
    compiled(cell);
    declareNames(constants, cell);
    const { result, exceptionDetails } = await evaluate(cell.code);
    if (exceptionDetails === undefined) return take(result);
    if (exceptionDetails.exception === undefined) return { thrown: exceptionDetails.text };
    const { value } = await take(exceptionDetails.exception);
    return { thrown: value };
  }

  function evaluate(expression: string): Promise<Runtime.EvaluateReturnType> {
    const parameters = { expression, contextId, replMode: true, awaitPromise: true };
    return new Promise((resolve, reject) => {
      session.post("Runtime.evaluate", parameters, (error, reply) => {
        if (error === null) resolve(reply as Runtime.EvaluateReturnType);
        else reject(error);
      });
    });
  }

  /** The value itself behind the protocol's description of it, in a box: it may be a promise. */
  function take(remote: Runtime.RemoteObject): Promise<{ value: unknown }> {
    const taken: { value: unknown } = { value: undefined };
    Object.assign(context, { __take: (value: unknown) => (taken.value = value) });
    const argument: Runtime.CallArgument =
      remote.objectId !== undefined
        ? { objectId: remote.objectId }
        : remote.unserializableValue !== undefined
          ? { unserializableValue: remote.unserializableValue }
          : { value: remote.value as unknown };
    const parameters = {
      functionDeclaration: "function(value) { __take(value) }",
      executionContextId: contextId,
      arguments: [argument],
    };
    return new Promise((resolve, reject) => {
      session.post("Runtime.callFunctionOn", parameters, (error) => {
        if (error === null) resolve(taken);
        else reject(error);
      });
    });
  }

  return { context, cells, run, close: session.disconnect.bind(session) };
}
