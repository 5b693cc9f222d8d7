// Says what is wrong with a message that a kernel sent. In plain JavaScript: also kernels that tests start load it.
import { Ajv } from "ajv";

import { schemas } from "./message-schemas.mjs";

const ajv = new Ajv({ strict: false, allowUnionTypes: true, discriminator: true });
const compiled = new Map();

function faultBy(schema, value, name) {
  let check = compiled.get(schema);
  if (check === undefined) compiled.set(schema, (check = ajv.compile(schema)));
  return check(value) ? undefined : ajv.errorsText(check.errors, { dataVar: name });
}

const mayHaveBuffers = new Set(["comm_open", "comm_msg", "comm_close", "display_data", "update_display_data"]);
const ofACell = new Set(["execute_input", "execute_result", "input_request"]);

function schemaOf(channel, type, content) {
  if (channel === "iopub" || channel === "stdin") {
    const fits = Object.hasOwn(schemas.publications, type) && (type === "input_request") === (channel === "stdin");
    return fits ? schemas.publications[type] : undefined;
  }
  if (!type.endsWith("_reply")) return undefined;
  // Also requests that the kernel does not know are answered.
  if (content.status === "error") return schemas.error;
  if (!Object.hasOwn(schemas.replyContents, type)) return undefined;
  if (content.status === "aborted") return schemas.aborted;
  const byStatus = schemas.replyContents[type];
  return Object.hasOwn(byStatus, content.status) ? byStatus[content.status] : undefined;
}

function parentFault(channel, type, content, parent) {
  if (channel === "shell" || channel === "control")
    return parent.msg_type === type.replace(/_reply$/, "_request") ? undefined : "a reply to another request";
  if (ofACell.has(type) && parent.msg_type !== "execute_request") return "expected an execute_request as its parent";
  if (type !== "status") return undefined;
  const has = "msg_id" in parent;
  return has === (content.execution_state !== "starting")
    ? undefined
    : "busy and idle have a parent, starting has none";
}

/**
 * What is wrong with a message, or undefined.
 *
 * @param channel where the kernel sent it: shell, control, iopub or stdin
 * @param message its parts: header, parent_header, metadata, content, buffers
 */
export function faultOf(channel, { header, parent_header: parent, metadata, content, buffers }) {
  const type = String(header.msg_type);
  const schema = schemaOf(channel, type, content);
  const fault =
    schema === undefined
      ? `no such message on ${channel} (status: ${JSON.stringify(content.status)})`
      : (faultBy(schemas.header, header, "header") ??
        faultBy(schemas.parent, parent, "parent_header") ??
        faultBy(schemas.metadata, metadata, "metadata") ??
        faultBy(schema, content, "content") ??
        parentFault(channel, type, content, parent) ??
        (buffers.length > 0 && !mayHaveBuffers.has(type) ? "buffers where there are none" : undefined));
  return fault && `${type}: ${fault}`;
}
