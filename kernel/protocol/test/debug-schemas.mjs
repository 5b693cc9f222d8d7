// What a kernel's debugger says, as JSON schemas: the Debug Adapter Protocol 1.68 with Jupyter's additions. Only what this kernel's
// debugger can say is here: a command or an event that is not, and a field that the protocol does not have, is a fault.
// https://microsoft.github.io/debug-adapter-protocol/specification
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#debug-request
import { anything, count, flag, listOf, object, rendering, text, texts } from "./schema.mjs";

/** Lines and columns, where the front end has not asked for others; also numbers of messages. */
const fromOne = { type: "integer", minimum: 1 };
/** A number that children are asked for by. */
const reference = { type: "integer", minimum: 0, maximum: 2 ** 31 - 1 };
const oneOf = (...values) => ({ enum: values });

const source = object({
  "name?": text,
  "path?": text,
  "sourceReference?": reference,
  "presentationHint?": oneOf("normal", "emphasize", "deemphasize"),
  "origin?": text,
});
const breakpoint = object({
  "id?": count,
  verified: flag,
  "message?": text,
  "source?": source,
  "line?": fromOne,
  "column?": fromOne,
  "endLine?": fromOne,
  "endColumn?": fromOne,
  "reason?": oneOf("pending", "failed"),
});
const sourceBreakpoint = object({
  line: fromOne,
  "column?": fromOne,
  "condition?": text,
  "hitCondition?": text,
  "logMessage?": text,
});
const stackFrame = object({
  id: count,
  name: text,
  "source?": source,
  line: fromOne,
  column: fromOne,
  "endLine?": fromOne,
  "endColumn?": fromOne,
  "moduleId?": { type: ["integer", "string"] },
  "presentationHint?": oneOf("normal", "label", "subtle"),
});
const children = { "namedVariables?": count, "indexedVariables?": count };
const scope = object({
  name: text,
  "presentationHint?": text,
  variablesReference: { ...reference, minimum: 1 },
  ...children,
  expensive: flag,
  "source?": source,
  "line?": fromOne,
  "column?": fromOne,
  "endLine?": fromOne,
  "endColumn?": fromOne,
});
const variable = object({
  name: text,
  value: text,
  "type?": text,
  "evaluateName?": text,
  variablesReference: reference,
  ...children,
});
const set = object({ value: text, "type?": text, "variablesReference?": reference, ...children });
const exceptionDetails = object({
  "message?": text,
  "typeName?": text,
  "fullTypeName?": text,
  "evaluateName?": text,
  "stackTrace?": text,
});
const exceptionFilter = object({
  filter: text,
  label: text,
  "description?": text,
  "default?": flag,
  "supportsCondition?": flag,
  "conditionDescription?": text,
});
const module = object({ id: { type: ["integer", "string"] }, name: text, "path?": text });
const capabilities = object({
  "supportsConfigurationDoneRequest?": flag,
  "supportsConditionalBreakpoints?": flag,
  "supportsHitConditionalBreakpoints?": flag,
  "supportsLogPoints?": flag,
  "supportsEvaluateForHovers?": flag,
  "supportsSetVariable?": flag,
  "supportsModulesRequest?": flag,
  "supportsExceptionInfoRequest?": flag,
  "supportsTerminateRequest?": flag,
  "exceptionBreakpointFilters?": listOf(exceptionFilter),
});
const nothing = object({});

/** The body of a command's answer, by its name. */
const bodies = {
  initialize: capabilities,
  attach: nothing,
  configurationDone: nothing,
  disconnect: nothing,
  terminate: nothing,
  setBreakpoints: object({ breakpoints: listOf(breakpoint) }),
  setExceptionBreakpoints: nothing,
  threads: object({ threads: { ...listOf(object({ id: count, name: text })), minItems: 1 } }),
  continue: object({ "allThreadsContinued?": flag }),
  next: nothing,
  stepIn: nothing,
  stepOut: nothing,
  pause: nothing,
  stackTrace: object({ stackFrames: listOf(stackFrame), "totalFrames?": count }),
  scopes: object({ scopes: listOf(scope) }),
  variables: object({ variables: listOf(variable) }),
  evaluate: object({ result: text, "type?": text, variablesReference: reference, ...children }),
  setVariable: set,
  exceptionInfo: object({
    exceptionId: text,
    "description?": text,
    breakMode: oneOf("never", "always", "unhandled", "userUnhandled"),
    "details?": exceptionDetails,
  }),
  source: object({ content: text, "mimeType?": text }),
  modules: object({ modules: listOf(module), "totalModules?": count }),
  // Jupyter's own.
  debugInfo: object({
    isStarted: flag,
    hashMethod: oneOf("Murmur2"),
    hashSeed: { type: "integer", minimum: 0, maximum: 2 ** 32 - 1 },
    tmpFilePrefix: { type: "string", minLength: 1 },
    tmpFileSuffix: { type: "string", pattern: "^\\." },
    breakpoints: listOf(object({ source: text, breakpoints: listOf(sourceBreakpoint) })),
    stoppedThreads: { ...listOf(count), uniqueItems: true },
    richRendering: flag,
    exceptionPaths: texts,
    copyToGlobals: flag,
  }),
  dumpCell: object({ sourcePath: { type: "string", minLength: 1 } }),
  inspectVariables: object({ variables: listOf(variable) }),
  richInspectVariables: object(rendering),
  copyToGlobals: set,
};

/** The body of an event, by its name. */
const events = {
  initialized: nothing,
  stopped: object({
    reason: oneOf("step", "breakpoint", "exception", "pause"),
    "description?": text,
    "threadId?": count,
    "text?": text,
    "allThreadsStopped?": flag,
    "hitBreakpointIds?": { ...listOf(count), uniqueItems: true },
  }),
  continued: object({ threadId: count, "allThreadsContinued?": flag }),
  breakpoint: object({ reason: oneOf("changed", "new", "removed"), breakpoint }),
};

const response = { status: { const: "ok" }, type: { const: "response" }, seq: fromOne, request_seq: count };
const byName = (field, schemas) => ({
  ...anything,
  required: [field],
  discriminator: { propertyName: field },
  oneOf: schemas,
});

/** The content of a `debug_reply`: a response of the Debug Adapter Protocol, where the request could be read at all. */
export const debugReply = {
  ...anything,
  required: ["success"],
  if: { properties: { success: { const: false } } },
  then: object({
    ...response,
    command: text,
    success: { const: false },
    message: { type: "string", minLength: 1 },
    body: nothing,
  }),
  else: byName(
    "command",
    Object.entries(bodies).map(([command, body]) =>
      object({ ...response, command: { const: command }, success: { const: true }, body }),
    ),
  ),
};

/** The content of a `debug_event`. */
export const debugEvent = byName(
  "event",
  Object.entries(events).map(([event, body]) =>
    object({ type: { const: "event" }, seq: fromOne, event: { const: event }, body }),
  ),
);

/** The commands whose answers are known here. */
export const debugCommands = Object.keys(bodies);
