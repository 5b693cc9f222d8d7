import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";

import { Mailbox } from "../mailbox.ts";
import { said } from "../message.ts";
import { subprotocolJson } from "../subprotocol-json.ts";

const message = (text: string, type = "stream"): ReturnType<typeof said> =>
  said({ channel: "iopub", type, content: { text }, session: "kernel" });

let server: WebSocketServer;
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
});
afterEach(() => {
  for (const each of server.clients) each.terminate();
  server.close();
});

/** Both ends of a websocket, and the texts that its page got. */
async function pair(): Promise<{ ours: WebSocket; texts: string[] }> {
  const page = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const texts: string[] = [];
  page.on("message", (data: Buffer) => {
    texts.push((JSON.parse(data.toString()) as { content: { text: string } }).content.text);
  });
  page.on("error", () => undefined);
  const [[ours]] = (await Promise.all([once(server, "connection"), once(page, "open")])) as [[WebSocket], unknown];
  return { ours, texts };
}
const numbers = Array.from({ length: 100 }, (_, index) => String(index));
const until = async (fits: () => boolean): Promise<void> => {
  while (!fits()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const mailbox = (limit: number): Mailbox =>
  new Mailbox(limit, ({ bytes, parent }) => message(`lost ${bytes > 0} ${parent === undefined}`));

describe("a mailbox", () => {
  it("keeps what its page's socket had taken and not sent, for the next", async () => {
    const box = mailbox(1e6);
    const first = await pair();
    box.attach(first.ours, subprotocolJson);
    for (const number of numbers) box.put(message(number));
    first.ours.terminate();
    box.detach();
    const next = await pair();
    box.attach(next.ours, subprotocolJson);
    await until(() => next.texts.length >= numbers.length);
    expect(next.texts).toEqual(numbers);
  });

  it("sends in order, what came before its page and after", async () => {
    const box = mailbox(1e6);
    for (const number of numbers) box.put(message(number));
    const { ours, texts } = await pair();
    box.attach(ours, subprotocolJson);
    box.put(message("later"));
    await until(() => texts.length > numbers.length);
    expect(texts).toEqual([...numbers, "later"]);
  });

  it("without a page drops the oldest output, and no status, error or reply", async () => {
    const box = mailbox(10_000);
    for (const number of numbers) {
      box.put(message(`output ${number}`));
      if (Number(number) % 20 === 0) box.put(message(`status ${number}`, "status"));
    }
    const { ours, texts } = await pair();
    box.attach(ours, subprotocolJson);
    await until(() => texts.at(-1) === "output 99");
    expect(texts[0]).toBe("lost true true");
    expect(texts.filter((text) => text.startsWith("status"))).toHaveLength(5);
    const kept = texts.filter((text) => text.startsWith("output"));
    expect(kept.length).toBeLessThan(70);
    expect(kept).toEqual(numbers.slice(-kept.length).map((number) => `output ${number}`));
  });

  it("loses a message that cannot be encoded, and no other", async () => {
    const box = mailbox(1e6);
    const large = message("large");
    for (const each of [message("before"), large, message("after")]) box.put(each);
    const { ours, texts } = await pair();
    box.attach(ours, {
      ...subprotocolJson,
      encode(each) {
        if (each === large) throw new RangeError("Invalid string length");
        return subprotocolJson.encode(each);
      },
    });
    box.put(message("later"));
    await until(() => texts.at(-1) === "later");
    expect(texts).toEqual(["before", "lost true true", "after", "later"]);
  });

  it("is bounded whatever is put into it", async () => {
    const box = mailbox(10_000);
    for (let round = 0; round < 20; round += 1) for (const number of numbers) box.put(message(number, "status"));
    const { ours, texts } = await pair();
    box.attach(ours, subprotocolJson);
    await until(() => texts.at(-1) === "99");
    expect(texts.length).toBeLessThan(100);
  });
});
