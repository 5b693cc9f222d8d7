import { describe, expect, it } from "vitest";
import type { Channel } from "../../transport/transport.ts";
import { faultOf } from "./message-check.mjs";

const header = (type: string, more: object = {}): object => ({
  msg_id: "a_1",
  session: "a",
  username: "kernel",
  date: "2026-01-02T03:04:05.678Z",
  msg_type: type,
  version: "5.5",
  ...more,
});
const execute = { msg_id: "b", msg_type: "execute_request" };

interface Parts {
  readonly parent?: object;
  readonly header?: object;
  readonly metadata?: object;
  readonly buffers?: readonly unknown[];
}

const fault = (channel: Channel, type: string, content: object, parts: Parts = {}): string | undefined =>
  faultOf(channel, {
    header: header(type, parts.header),
    parent_header: parts.parent ?? execute,
    metadata: parts.metadata ?? {},
    content,
    buffers: parts.buffers ?? [],
  });

const debug = { parent: { msg_id: "b", msg_type: "debug_request" } };
const debugReply = (command: string, body: object, more: object = {}): object => ({
  ...{ status: "ok", type: "response", seq: 1, request_seq: 1, success: true, command, body },
  ...more,
});
const debugEvent = (event: string, body: object): object => ({ type: "event", seq: 2, event, body });
const variable = { name: "a", value: "1", variablesReference: 0 };

const right: readonly (readonly [channel: Channel, type: string, content: object, parts?: Parts])[] = [
  ["iopub", "status", { execution_state: "busy" }],
  ["iopub", "status", { execution_state: "starting" }, { parent: {} }],
  ["iopub", "stream", { name: "stdout", text: "" }, { parent: {} }],
  ["iopub", "display_data", { data: { "image/png": "iVBO" }, metadata: {} }],
  [
    "iopub",
    "display_data",
    { data: { "application/json": [1], "application/vnd.vegalite.v5+json": {} }, metadata: {} },
  ],
  ["iopub", "update_display_data", { data: {}, metadata: {}, transient: { display_id: "d" } }],
  ["iopub", "comm_msg", { comm_id: "c", data: {} }, { buffers: [new Uint8Array(1)] }],
  ["stdin", "input_request", { prompt: "?", password: true }],
  ["shell", "execute_reply", { status: "ok", execution_count: 1, payload: [], user_expressions: {} }],
  ["control", "execute_reply", { status: "aborted" }],
  ["shell", "execute_reply", { status: "error", ename: "E", evalue: "", traceback: [], execution_count: 0 }],
  [
    "shell",
    "is_complete_reply",
    { status: "incomplete", indent: "" },
    { parent: { msg_id: "b", msg_type: "is_complete_request" } },
  ],
  ["control", "debug_reply", debugReply("next", {}), debug],
  ["control", "debug_reply", debugReply("variables", { variables: [variable] }), debug],
  ["control", "debug_reply", debugReply("odd", {}, { success: false, message: "no such command" }), debug],
  ["iopub", "debug_event", debugEvent("stopped", { reason: "step", threadId: 1 })],
  [
    "shell",
    "odd_reply",
    { status: "error", ename: "E", evalue: "", traceback: [] },
    { parent: { msg_id: "b", msg_type: "odd_request" } },
  ],
];

const wrong: Readonly<Record<string, readonly [channel: Channel, type: string, content: object, parts?: Parts]>> = {
  "a type that is none": ["iopub", "odd", {}],
  "a publication on another channel": ["shell", "stream", { name: "stdout", text: "a" }],
  "a question on another channel": ["iopub", "input_request", { prompt: "?", password: true }],
  "a reply on another channel": ["iopub", "execute_reply", { status: "aborted" }],
  "a reply without a status": ["shell", "execute_reply", { execution_count: 1, payload: [], user_expressions: {} }],
  "a status that this reply has not": ["shell", "execute_reply", { status: "complete" }],
  "a reply to another request": ["shell", "complete_reply", { status: "aborted" }],
  "a state that is none": ["iopub", "status", { execution_state: "happy" }],
  "busy without a request": ["iopub", "status", { execution_state: "busy" }, { parent: {} }],
  "starting with a request": ["iopub", "status", { execution_state: "starting" }],
  "a field that is missing": ["iopub", "stream", { name: "stdout" }],
  "a field too many": ["iopub", "stream", { name: "stdout", text: "a", colour: "red" }],
  "a field of another type": ["iopub", "execute_input", { code: "1", execution_count: "1" }],
  "an input of no cell": ["iopub", "execute_input", { code: "1", execution_count: 1 }, { parent: {} }],
  "a media type that is none": ["iopub", "display_data", { data: { text: "a" }, metadata: {} }],
  "text that is an object": ["iopub", "display_data", { data: { "text/plain": {} }, metadata: {} }],
  "an update without a name": ["iopub", "update_display_data", { data: {}, metadata: {} }],
  "a traceback that is a text": ["iopub", "error", { ename: "E", evalue: "", traceback: "E" }],
  "a payload that is none": [
    "shell",
    "execute_reply",
    { status: "ok", execution_count: 1, payload: [{ source: "odd" }], user_expressions: {} },
  ],
  "a user expression without a status": [
    "shell",
    "execute_reply",
    { status: "ok", execution_count: 1, payload: [], user_expressions: { a: {} } },
  ],
  "an indent that is missing": [
    "shell",
    "is_complete_reply",
    { status: "incomplete" },
    { parent: { msg_id: "b", msg_type: "is_complete_request" } },
  ],
  "a line of history without its session": [
    "shell",
    "history_reply",
    { status: "ok", history: [[1, "a"]] },
    { parent: { msg_id: "b", msg_type: "history_request" } },
  ],
  "a command that the debugger has not": ["control", "debug_reply", debugReply("odd", {}), debug],
  "an answer of the debugger to nothing": ["control", "debug_reply", { status: "ok" }, debug],
  "a refusal without a reason": ["control", "debug_reply", debugReply("next", {}, { success: false }), debug],
  "a body where there is none": ["control", "debug_reply", debugReply("next", { done: true }), debug],
  "a variable without a value": [
    "control",
    "debug_reply",
    debugReply("variables", { variables: [{ ...variable, value: undefined }] }),
    debug,
  ],
  "a variable with a field of its own": [
    "control",
    "debug_reply",
    debugReply("inspectVariables", { variables: [{ ...variable, colour: "red" }] }),
    debug,
  ],
  "a line before the first": [
    "control",
    "debug_reply",
    debugReply("setBreakpoints", { breakpoints: [{ verified: true, line: 0 }] }),
    debug,
  ],
  "an event that the debugger has not": ["iopub", "debug_event", debugEvent("odd", {})],
  "a stop without a reason": ["iopub", "debug_event", debugEvent("stopped", { threadId: 1 })],
  "another version": ["iopub", "status", { execution_state: "busy" }, { header: { version: "5.3" } }],
  "a date that is none": ["iopub", "status", { execution_state: "busy" }, { header: { date: "today" } }],
  "no id": ["iopub", "status", { execution_state: "busy" }, { header: { msg_id: "" } }],
  "a parent without a type": ["iopub", "status", { execution_state: "busy" }, { parent: { msg_id: "b" } }],
  "metadata that is a list": ["iopub", "status", { execution_state: "busy" }, { metadata: [] }],
  "buffers that nobody expects": ["iopub", "stream", { name: "stdout", text: "a" }, { buffers: [1] }],
};

describe("the check of messages", () => {
  for (const [channel, type, content, parts] of right)
    it(`finds nothing wrong: ${channel} ${type} ${JSON.stringify(content)}`, () => {
      expect(fault(channel, type, content, parts)).toBeUndefined();
    });

  it.each(Object.entries(wrong))("finds %s", (_, [channel, type, content, parts]) => {
    expect(fault(channel, type, content, parts)).toMatch(new RegExp(`^${type}: `, "u"));
  });

  it("names the field", () => {
    expect(fault("iopub", "stream", { name: "stdlog", text: "a" })).toBe(
      "stream: content/name must be equal to one of the allowed values",
    );
  });
});
