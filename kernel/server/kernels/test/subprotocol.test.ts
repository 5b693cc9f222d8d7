import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { FrameError } from "../frame-error.ts";
import { kernelMessage, type ClientMessage } from "../message.ts";
import { subprotocolJson } from "../subprotocol-json.ts";
import { subprotocolV1 } from "../subprotocol-v1.ts";
import type { Subprotocol } from "../subprotocol.ts";
import { decodeBinary, decodeV1, encodeBinary, encodeV1, type PageMessage } from "./page.ts";

const object = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }).map(
  // JSON has no -0, and an own "__proto__" does not survive a spread.
  (value) => JSON.parse(JSON.stringify(value)) as PageMessage["content"],
);
const header = fc.record({
  msg_id: fc.uuid(),
  msg_type: fc.constantFrom("execute_request", "comm_msg", "stream"),
  session: fc.string({ unit: "binary" }),
  username: fc.string({ unit: "grapheme" }),
  date: fc.constant("2026-01-01T00:00:00.000Z"),
  version: fc.constant("5.4"),
});
const buffers = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 });
const message = (...channels: string[]): fc.Arbitrary<PageMessage> =>
  fc.record({
    channel: fc.constantFrom(...channels),
    header,
    parent_header: fc.oneof(fc.constant({}), header),
    metadata: object,
    content: object,
    buffers,
  });
const fromClient = message("shell", "control", "stdin");
const fromKernel = message("shell", "control", "stdin", "iopub");

/** The message that a client's bytes are taken for, in the shape in which a page has it. */
function taken({ channel, parts, buffers: passed }: ClientMessage): unknown {
  const [head, parent, metadata, content] = parts.map((part) => JSON.parse(Buffer.from(part).toString()) as unknown);
  return { channel, header: head, parent_header: parent, metadata, content, buffers: passed.map((each) => [...each]) };
}
const plain = (sent: PageMessage): unknown => ({ ...sent, buffers: sent.buffers.map((each) => [...each]) });
const sentByKernel = ({ channel, buffers: passed, ...rest }: PageMessage): ReturnType<typeof kernelMessage> =>
  kernelMessage(
    channel as "iopub",
    [rest.header, rest.parent_header, rest.metadata, rest.content].map((part) => Buffer.from(JSON.stringify(part))),
    passed,
  );

describe("the subprotocol v1", () => {
  it("takes what a client says, part by part", () => {
    fc.assert(
      fc.property(fromClient, (sent) => {
        expect(taken(subprotocolV1.decode(encodeV1(sent), true))).toEqual(plain(sent));
      }),
    );
  });

  it("hands on what a kernel says, byte by byte", () => {
    fc.assert(
      fc.property(fromKernel, (sent) => {
        const bytes = subprotocolV1.encode(sentByKernel(sent)) as Buffer;
        expect(plain(decodeV1(bytes))).toEqual(plain(sent));
        expect(bytes.equals(encodeV1(sent))).toBe(true);
      }),
    );
  });

  it("refuses a text", () => {
    expect(() => subprotocolV1.decode(Buffer.from("{}"), false)).toThrow("expected a binary message, got a text");
  });

  it("refuses offsets that overlap, run backwards or leave a gap", () => {
    const sent = fc.sample(fromClient, 1)[0]!;
    const bytes = encodeV1(sent);
    const offset = (index: number): number => Number(bytes.readBigUInt64LE(8 * (index + 1)));
    for (const change of [
      (each: Buffer): void => void each.writeBigUInt64LE(BigInt(offset(0) - 1), 8),
      (each: Buffer): void => void each.writeBigUInt64LE(BigInt(offset(0) + 1), 8),
      (each: Buffer): void => void each.writeBigUInt64LE(BigInt(offset(3)), 8 * 3),
      (each: Buffer): void => void each.writeBigUInt64LE(2n ** 63n, 8 * 2),
      (each: Buffer): void => void each.writeBigUInt64LE(2n ** 64n - 1n, 0),
      (each: Buffer): void => void each.writeBigUInt64LE(0n, 0),
    ]) {
      const copy = Buffer.from(bytes);
      change(copy);
      expect(() => subprotocolV1.decode(copy, true)).toThrow(FrameError);
    }
    expect(() => subprotocolV1.decode(Buffer.concat([bytes, Buffer.alloc(1)]), true)).toThrow(/last offset/u);
    // All moved by one, with a byte in front of the first that belongs to nothing.
    const head = bytes.subarray(0, offset(0));
    const moved = Buffer.concat([head, Buffer.alloc(1), bytes.subarray(offset(0))]);
    for (let index = 0; index < Number(bytes.readBigUInt64LE(0)); index += 1)
      moved.writeBigUInt64LE(BigInt(offset(index) + 1), 8 * (index + 1));
    expect(() => subprotocolV1.decode(moved, true)).toThrow(/^offset 0: expected/u);
    expect(() => subprotocolV1.decode(bytes.subarray(0, -1), true)).toThrow(FrameError);
  });
});

describe("the default subprotocol", () => {
  it("takes a client's text, and its binary message where there are buffers", () => {
    fc.assert(
      fc.property(fromClient, (sent) => {
        const { buffers: passed, ...rest } = sent;
        expect(taken(subprotocolJson.decode(encodeBinary(rest, passed), true))).toEqual(plain(sent));
        const text = Buffer.from(JSON.stringify({ ...rest, buffers: [] }));
        expect(taken(subprotocolJson.decode(text, false))).toEqual(plain({ ...sent, buffers: [] }));
      }),
    );
  });

  it("hands on what a kernel says", () => {
    fc.assert(
      fc.property(fromKernel, (sent) => {
        const data = subprotocolJson.encode(sentByKernel(sent));
        expect(typeof data === "string").toBe(sent.buffers.length === 0);
        const got = typeof data === "string" ? (JSON.parse(data) as PageMessage) : decodeBinary(data);
        const { msg_id: id, msg_type: type } = sent.header;
        expect({ ...got, buffers: got.buffers.map((each) => [...each]) }).toEqual({
          ...(plain(sent) as object),
          msg_id: id,
          msg_type: type,
        });
      }),
    );
  });

  it("takes a message without channel for one to the shell, as Jupyter's server does", () => {
    const sent = { header: { msg_id: "a", msg_type: "kernel_info_request" }, content: {} };
    expect(subprotocolJson.decode(Buffer.from(JSON.stringify(sent)), false)).toMatchObject({ channel: "shell" });
  });
});

describe.each<[string, Subprotocol]>([
  ["the subprotocol v1", subprotocolV1],
  ["the default subprotocol", subprotocolJson],
])("%s", (_name, subprotocol) => {
  const attempt = (data: Uint8Array, binary: boolean): void => {
    try {
      subprotocol.decode(Buffer.from(data), binary);
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError);
    }
  };

  it("answers bytes of any kind with nothing but its own error", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), attempt), { numRuns: 2000 });
    fc.assert(
      fc.property(fc.json(), (json) => {
        attempt(Buffer.from(json), false);
      }),
    );
  });

  it("answers a message with some bytes changed with nothing but its own error", () => {
    const changes = fc.array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fromClient, changes, (sent, all) => {
        const { buffers: passed, ...rest } = sent;
        for (const bytes of [encodeV1(sent), encodeBinary(rest, passed)]) {
          for (const [at, value] of all) if (at < bytes.length) bytes[at] = value;
          attempt(bytes, true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  const wrong = (channel: unknown, parts: readonly string[]): (() => unknown) => {
    const bytes = parts.map((part) => Buffer.from(part));
    if (subprotocol === subprotocolJson) {
      const text = `{"channel":${JSON.stringify(channel)},"header":${parts[0] ?? ""},"parent_header":${parts[1] ?? ""},"metadata":${parts[2] ?? ""},"content":${parts[3] ?? ""}}`;
      return () => subprotocol.decode(Buffer.from(text), false);
    }
    const pieces = [Buffer.from(String(channel)), ...bytes];
    const offsets = [8 * (pieces.length + 2)];
    for (const piece of pieces) offsets.push(offsets.at(-1)! + piece.length);
    const head = new BigUint64Array([offsets.length, ...offsets].map(BigInt));
    return () => subprotocol.decode(Buffer.concat([new Uint8Array(head.buffer), ...pieces]), true);
  };
  const good = '{"msg_id":"a","msg_type":"execute_request"}';

  it("says what is wrong in one sentence", () => {
    expect(wrong("shell", [good, "{}", "{}", "{}"])).not.toThrow();
    expect(wrong("iopub", [good, "{}", "{}", "{}"])).toThrow(
      'channel: expected "shell", "control" or "stdin", got "iopub"',
    );
    expect(wrong("shell", ['{"msg_type":"a"}', "{}", "{}", "{}"])).toThrow(
      "header.msg_id: expected a string, got nothing",
    );
    expect(wrong("shell", ['{"msg_id":"a","msg_type":1}', "{}", "{}", "{}"])).toThrow(
      "header.msg_type: expected a string, got 1",
    );
    expect(wrong("shell", [good, "[]", "{}", "{}"])).toThrow("parent_header: expected a JSON object");
    expect(wrong("shell", [good, "{}", "1", "{}"])).toThrow("metadata: expected a JSON object");
    expect(wrong("shell", [good, "{}", "{}", '"a"'])).toThrow("content: expected a JSON object");
    expect(wrong("shell", [good, "{}", "{}", "{"])).toThrow(FrameError);
  });
});
