// A kernel that loses the first request and, after its first answer, another; its output channel is there half a second
// after that answer, as on a busy machine. It prints what it is told to execute.
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as after } from "node:timers/promises";
import { Publisher, Router } from "zeromq";

const connection = JSON.parse(readFileSync(process.argv[2], "utf8"));
const at = (port) => `tcp://127.0.0.1:${connection[port]}`;
const frames = (identities, type, parent, content) => {
  const header = { msg_id: randomUUID(), msg_type: type, session: "late", username: "", date: "", version: "5.3" };
  const parts = [header, parent, {}, content].map((part) => JSON.stringify(part));
  const hmac = createHmac("sha256", connection.key);
  for (const part of parts) hmac.update(part);
  return [...identities, "<IDS|MSG>", hmac.digest("hex"), ...parts];
};

const [shell, control, stdin] = [new Router(), new Router(), new Router()];
await shell.bind(at("shell_port"));
await control.bind(at("control_port"));
await stdin.bind(at("stdin_port"));
const iopub = new Publisher();

await shell.receive();
let answers = 0;
for await (const [identity, , , head, , , body] of shell) {
  if (answers++ === 1) continue;
  const header = JSON.parse(head.toString());
  const publish = (type, content) => iopub.send(frames(["topic"], type, header, content));
  await publish("status", { execution_state: "busy" });
  const { code } = JSON.parse(body.toString());
  if (code !== undefined) await publish("stream", { name: "stdout", text: code });
  await shell.send(frames([identity], header.msg_type.replace("request", "reply"), header, { status: "ok" }));
  await publish("status", { execution_state: "idle" });
  if (answers === 1) void after(500).then(() => iopub.bind(at("iopub_port")));
}
