import { describe, expect, it } from "vitest";

import { Mailbox } from "../mailbox.ts";
import { said, type ClientMessage } from "../message.ts";
import { PendingRequests } from "../pending-requests.ts";

const mailbox = new Mailbox(1, () => request("notice"));
function request(type: string): ClientMessage & ReturnType<typeof said> {
  return { ...said({ channel: "shell", type, content: {}, session: "s" }), channel: "shell" };
}

describe("pending requests", () => {
  it.each([
    ["the reply", "replied", "idle"],
    ["idle", "idle", "replied"],
  ] as const)("are known until both came, %s first: the two channels have no order", (_name, first, second) => {
    const pending = new PendingRequests();
    const message = request("execute_request");
    const { msg_id: id } = message.header;
    pending.add(message, mailbox);
    expect(pending.settle(id, first)?.message).toBe(message);
    expect(pending.settle(id, second)?.message).toBe(message);
    expect(pending.get(id)).toBeUndefined();
  });

  it("are only what is answered", () => {
    const pending = new PendingRequests();
    for (const type of ["comm_msg", "input_reply"]) pending.add(request(type), mailbox);
    expect(pending.takeAll()).toEqual([]);
  });

  it("are the latest 10,000: a kernel that does not answer fills no memory", () => {
    const pending = new PendingRequests();
    const all = Array.from({ length: 10_010 }, () => request("odd_request"));
    for (const message of all) pending.add(message, mailbox);
    expect(pending.takeAll().map(({ message }) => message)).toEqual(all.slice(10));
  });

  it("give the oldest that is not answered", () => {
    const pending = new PendingRequests();
    const [one, two] = [request("execute_request"), request("execute_request")];
    for (const message of [one, two]) pending.add(message, mailbox);
    expect(pending.first(() => true)?.message).toBe(one);
    pending.settle(one.header.msg_id, "replied");
    expect(pending.first(() => true)?.message).toBe(two);
  });
});
