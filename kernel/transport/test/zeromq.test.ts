import { expect, it } from "vitest";
import type { Header, Outgoing } from "../../protocol/messages.ts";
import { freePorts } from "../../run/free-ports.ts";
import { checkConnection } from "../connection.ts";
import { listen } from "../zeromq.ts";

const header: Header = { msg_id: "1", session: "s", username: "", date: "", msg_type: "status", version: "5.4" };
const message: Outgoing = {
  identities: [Buffer.from("status")],
  header,
  parent_header: {},
  metadata: {},
  content: {},
  buffers: [],
};

it("what is sent while it closes, or after, goes nowhere and is no fault", async () => {
  const names = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"];
  const ports = await freePorts(names.length);
  const faults: Error[] = [];
  const ignored = (): void => undefined;
  const transport = await listen(
    checkConnection({ key: "k", ...Object.fromEntries(names.map((name, at) => [name, ports[at]])) }),
    { request: ignored, input: ignored, subscribed: ignored, malformed: (_, error) => faults.push(error) },
  );
  transport.send("iopub", message);
  const closed = transport.close();
  transport.send("iopub", message);
  await closed;
  transport.send("iopub", message);
  await transport.flushed();
  expect(faults).toEqual([]);
});
