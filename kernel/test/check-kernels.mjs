// Loaded before every Node that a test starts (NODE_OPTIONS, see check-messages.ts): in a kernel, each message that it
// sends is checked, and what is wrong is written to the file VEELAB_MESSAGE_FAULTS, as are the types that were seen.
import { appendFileSync } from "node:fs";
import { isMainThread, workerData } from "node:worker_threads";

const file = process.env["VEELAB_MESSAGE_FAULTS"];
// A kernel's sockets are on the thread that is given its connection.
if (!isMainThread && file !== undefined && workerData?.connection !== undefined) await watch(file);

async function watch(file) {
  const [{ Router, XPublisher }, { faultOf }] = await Promise.all([
    import("zeromq"),
    import("../protocol/test/message-check.mjs"),
  ]);
  const heartbeats = `:${workerData.connection.hb_port}`;
  const seen = new Set();
  const note = (line) => appendFileSync(file, `${JSON.stringify(line)}\n`);
  for (const socket of [Router, XPublisher]) {
    const { send } = socket.prototype;
    // Defined, not assigned: the method that it covers is the native class's, and read-only.
    const checked = function (frames) {
      const start = frames.findIndex((frame) => frame.length === 9 && String(frame) === "<IDS|MSG>");
      // Heartbeats go back as they came, whatever is in them.
      if (start >= 0 && !this.lastEndpoint?.endsWith(heartbeats)) {
        const [header, parent_header, metadata, content] = frames
          .slice(start + 2, start + 6)
          .map((part) => JSON.parse(Buffer.from(part)));
        const type = header.msg_type;
        const channel = socket === XPublisher ? "iopub" : type === "input_request" ? "stdin" : "shell";
        const fault = faultOf(channel, { header, parent_header, metadata, content, buffers: frames.slice(start + 6) });
        if (fault !== undefined) note({ fault, content: JSON.stringify(content).slice(0, 400) });
        if (!seen.has(type)) note({ seen: type });
        seen.add(type);
      }
      return send.call(this, frames);
    };
    Object.defineProperty(socket.prototype, "send", { value: checked });
  }
}
