import { isJsonObject, type JsonObject } from "../../../protocol/json.ts";
import { startKernel, type LiveKernel } from "../../test/live-kernel.ts";

/** An event of the Debug Adapter Protocol. */
export interface DebugEvent {
  readonly event: string;
  readonly body: JsonObject;
}

/** What a command answered. */
export interface DebugReply {
  readonly success: boolean;
  readonly message: string;
  readonly body: JsonObject;
}

/** A frame of the stopped program. */
export interface ShownFrame extends JsonObject {
  readonly id: number;
  readonly name: string;
  readonly line: number;
}

/** A variable as it is shown. */
export interface ShownVariable extends JsonObject {
  readonly name: string;
  readonly value: string;
  readonly type: string;
  readonly variablesReference: number;
}

/** A debugger's front end without a screen, in front of a live kernel. */
export interface DebugClient {
  readonly kernel: LiveKernel;
  /** Sends a command on the control channel. */
  send(command: string, given?: JsonObject): Promise<DebugReply>;
  /** Sends a command that must succeed; gives its body. */
  ask(command: string, given?: JsonObject): Promise<JsonObject>;
  attach(): Promise<void>;
  /** Sets breakpoints in a cell, by its code. */
  breakIn(code: string, ...breakpoints: (number | JsonObject)[]): Promise<JsonObject[]>;
  /** The next event of that name; each is given once. */
  event(name: string): Promise<JsonObject>;
  /** The names of all events, in order. */
  readonly heard: readonly string[];
  /** Resolves once a variable of the top level counts. */
  running(name: string): Promise<void>;
  /** Drops the events that nobody has asked for. */
  forget(): void;
  frames(): Promise<ShownFrame[]>;
  /** The variables of a scope of the innermost frame, or of the one with that number. */
  variables(scope?: string, frame?: number): Promise<ShownVariable[]>;
  children(variable: ShownVariable, page?: JsonObject): Promise<ShownVariable[]>;
}

/** The values of variables by their names. */
export function shown(variables: readonly ShownVariable[]): Record<string, string> {
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}

/** Starts a kernel to be debugged. */
export async function startDebugging(directory?: string): Promise<DebugClient> {
  const events: DebugEvent[] = [];
  const heard: string[] = [];
  let wake = (): void => undefined;
  const kernel = await startKernel(directory, {}, (type, content) => {
    const { event, body } = content;
    if (type === "debug_event" && typeof event === "string" && isJsonObject(body)) {
      events.push({ event, body });
      heard.push(event);
    }
    wake();
  });
  let seq = 0;
  const send: DebugClient["send"] = async (command, given = {}) => {
    const own = (seq += 1);
    const { reply } = kernel.client.request("control", "debug_request", {
      ...{ type: "request", seq: own, command },
      arguments: given,
    });
    const { success, message = "", body, request_seq: answered } = await reply;
    if (answered !== own)
      throw new Error(`${command}: expected an answer to ${own}, got one to ${JSON.stringify(answered)}`);
    return {
      success: success === true,
      message: typeof message === "string" ? message : "",
      body: isJsonObject(body) ? body : {},
    };
  };
  const ask: DebugClient["ask"] = async (command, given) => {
    const { success, message, body } = await send(command, given);
    if (!success) throw new Error(message);
    return body;
  };
  const variablesOf = async (reference: number, page: JsonObject = {}): Promise<ShownVariable[]> =>
    (await ask("variables", { variablesReference: reference, ...page }))["variables"] as unknown as ShownVariable[];
  const frames: DebugClient["frames"] = async () =>
    (await ask("stackTrace", { threadId: 1 }))["stackFrames"] as unknown as ShownFrame[];

  const event: DebugClient["event"] = async (name) => {
    for (;;) {
      const at = events.findIndex((each) => each.event === name);
      if (at !== -1) return events.splice(at, 1)[0]!.body;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };

  return {
    kernel,
    send,
    ask,
    async attach() {
      await ask("initialize", { clientID: "test", adapterID: "veelab" });
      await ask("attach");
      await event("continued");
    },
    async breakIn(code, ...breakpoints) {
      const { sourcePath: path } = await ask("dumpCell", { code });
      const wanted = breakpoints.map((each) => (typeof each === "number" ? { line: each } : each));
      return (await ask("setBreakpoints", { source: { path }, breakpoints: wanted }))[
        "breakpoints"
      ] as unknown as JsonObject[];
    },
    event,
    heard,
    async running(name) {
      for (;;) {
        const { variables } = await ask("inspectVariables");
        if (Number(shown(variables as unknown as ShownVariable[])[name]) > 0) return;
      }
    },
    forget() {
      events.length = 0;
    },
    frames,
    async variables(scope, frame = 0) {
      const { id } = (await frames())[frame]!;
      const scopes = (await ask("scopes", { frameId: id }))["scopes"] as unknown as ShownVariable[];
      const wanted = scope === undefined ? scopes[0] : scopes.find(({ name }) => name === scope);
      if (wanted === undefined) throw new Error(`no scope ${scope} among ${scopes.map(({ name }) => name).join(", ")}`);
      return await variablesOf(wanted.variablesReference);
    },
    children: ({ variablesReference }, page) => variablesOf(variablesReference, page),
  };
}
