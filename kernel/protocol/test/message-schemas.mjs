// What every message of a kernel holds, as JSON schemas: protocol 5.5 and its JEPs (65 welcome, 91 subshells, 92 features).
// https://jupyter-client.readthedocs.io/en/stable/messaging.html

import { debugEvent, debugReply } from "./debug-schemas.mjs";
import { anything, count, flag, listOf, mapOf, mimeBundle, number, object, rendering, text, texts } from "./schema.mjs";

const failure = { ename: text, evalue: text, traceback: texts };
const display = { ...rendering, "transient?": object({ "display_id?": text }) };
const userExpression = {
  oneOf: [object({ status: { const: "ok" }, ...rendering }), object({ status: { const: "error" }, ...failure })],
};
const payload = {
  oneOf: [
    object({ source: { const: "page" }, data: mimeBundle, start: count }),
    object({ source: { const: "set_next_input" }, text, replace: flag }),
    object({ source: { const: "edit_magic" }, filename: text, line_number: count }),
    object({ source: { const: "ask_exit" }, keepkernel: flag }),
  ],
};
const historyEntry = {
  type: "array",
  items: [
    { type: "integer" },
    count,
    {
      oneOf: [
        text,
        {
          type: "array",
          items: [text, { type: ["string", "null"] }],
          minItems: 2,
          maxItems: 2,
        },
      ],
    },
  ],
  minItems: 3,
  maxItems: 3,
};

/** Fields of replies whose status is "ok", by the reply's type. */
const replies = {
  kernel_info_reply: {
    protocol_version: { type: "string", pattern: "^\\d+\\.\\d+(\\.\\d+)?$" },
    implementation: text,
    implementation_version: text,
    language_info: {
      ...object({
        name: text,
        version: text,
        mimetype: text,
        file_extension: { type: "string", pattern: "^\\." },
        "pygments_lexer?": text,
        "codemirror_mode?": { type: ["string", "object"] },
        "nbconvert_exporter?": text,
      }),
    },
    banner: text,
    help_links: listOf(object({ text, url: text })),
    debugger: flag,
    supported_features: { ...texts, uniqueItems: true },
  },
  execute_reply: { execution_count: count, payload: listOf(payload), user_expressions: mapOf(userExpression) },
  complete_reply: { matches: texts, cursor_start: count, cursor_end: count, metadata: anything },
  inspect_reply: { found: flag, ...rendering },
  history_reply: { history: listOf(historyEntry) },
  comm_info_reply: { comms: mapOf(object({ target_name: text })) },
  shutdown_reply: { restart: flag },
  interrupt_reply: {},
  usage_reply: {
    hostname: text,
    pid: count,
    kernel_cpu: number,
    kernel_memory: count,
    cpu_count: count,
    host_cpu_percent: number,
    host_virtual_memory: object({ total: number, available: number, used: number, percent: number }),
  },
  create_subshell_reply: { subshell_id: text },
  delete_subshell_reply: {},
  list_subshell_reply: { subshell_id: texts },
};

/** Contents of what is published, and of questions, by the message's type. */
const publications = {
  status: object({ execution_state: { enum: ["starting", "busy", "idle"] } }),
  stream: object({ name: { enum: ["stdout", "stderr"] }, text }),
  execute_input: object({ code: text, execution_count: count }),
  execute_result: object({ ...rendering, execution_count: count }),
  display_data: object(display),
  update_display_data: object({ ...rendering, transient: object({ display_id: text }) }),
  clear_output: object({ wait: flag }),
  error: object(failure),
  shutdown_reply: object({ status: { const: "ok" }, restart: flag }),
  comm_open: object({
    comm_id: text,
    target_name: text,
    data: anything,
    "target_module?": { type: ["string", "null"] },
  }),
  comm_msg: object({ comm_id: text, data: anything }),
  comm_close: object({ comm_id: text, data: anything }),
  iopub_welcome: object({ subscription: text }),
  debug_event: debugEvent,
  input_request: object({ prompt: text, password: flag }),
};

const error = object({ status: { const: "error" }, ...failure, "execution_count?": count });
const aborted = object({ status: { const: "aborted" }, "execution_count?": count });
const completeness = (status, fields = {}) => object({ status: { const: status }, ...fields });

/** The content of a reply by its type and status. */
const replyContents = {
  ...Object.fromEntries(
    Object.entries(replies).map(([type, fields]) => [type, { ok: object({ status: { const: "ok" }, ...fields }) }]),
  ),
  is_complete_reply: {
    complete: completeness("complete"),
    incomplete: completeness("incomplete", { indent: text }),
    invalid: completeness("invalid"),
    unknown: completeness("unknown"),
  },
  debug_reply: { ok: debugReply },
};

const header = object({
  msg_id: { type: "string", minLength: 1 },
  session: { type: "string", minLength: 1 },
  username: text,
  date: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$" },
  msg_type: text,
  version: { const: "5.5" },
});
const parent = {
  oneOf: [object({}), { ...anything, required: ["msg_id", "msg_type"], properties: { msg_id: text, msg_type: text } }],
};

export const schemas = { header, parent, metadata: anything, publications, replyContents, error, aborted };
