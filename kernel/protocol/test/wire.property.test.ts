import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import type { Header, Outgoing } from "../messages.ts";
import { createCodec, WireError } from "../wire.ts";

const delimiter = "<IDS|MSG>";

/** Any JSON object, with texts of any UTF-16 code units, keys such as `__proto__`, and numbers that JSON keeps. */
const jsonObject = fc
  .dictionary(
    fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "constructor", "toString", "")),
    fc.jsonValue({ stringUnit: "binary" }),
  )
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

const text = fc.string({ unit: "binary" });
const header: fc.Arbitrary<Header> = fc.record({
  msg_id: text,
  session: text,
  username: text,
  date: text,
  msg_type: text,
  version: text,
});
/** Frames that a router may put in front: anything but the delimiter itself. */
const identities = fc.array(
  fc.uint8Array({ maxLength: 20 }).filter((frame) => Buffer.from(frame).toString("latin1") !== delimiter),
  { maxLength: 3 },
);
const message: fc.Arbitrary<Outgoing> = fc.record({
  identities,
  header,
  parent_header: fc.oneof(fc.constant({}), header),
  metadata: jsonObject,
  content: jsonObject,
  buffers: fc.array(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constant(Buffer.from(delimiter))), { maxLength: 4 }),
});
const schemes = fc.constantFrom("hmac-sha256", "hmac-sha1", "hmac-sha512", "hmac-md5");

const bytes = (frames: readonly Uint8Array[]): Buffer[] => frames.map((frame) => Buffer.from(frame));

describe("any message", () => {
  it("comes back from its frames as it was, signed by any hash or not at all", () => {
    fc.assert(
      fc.property(message, fc.oneof(fc.constant(""), fc.string({ minLength: 1 })), schemes, (sent, key, scheme) => {
        const frames = createCodec(key, scheme).encode(sent);
        const { identities, buffers, ...parts } = createCodec(key, scheme).decode(frames);
        expect(parts).toEqual({
          header: sent.header,
          parent_header: sent.parent_header,
          metadata: sent.metadata,
          content: sent.content,
        });
        expect(bytes(identities)).toEqual(bytes(sent.identities));
        expect(bytes(buffers)).toEqual(bytes(sent.buffers));
      }),
      { numRuns: 500 },
    );
  });

  it("is refused when any bit of a signed frame or of the signature is flipped", () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(), (sent, place, bit) => {
        const frames = bytes(createCodec("key").encode(sent));
        const first = frames.findIndex((frame) => frame.toString("latin1") === delimiter) + 1;
        const signed = frames.slice(first, first + 5);
        let offset = place % signed.reduce((sum, frame) => sum + frame.length, 0);
        for (const frame of signed) {
          if (offset < frame.length) {
            frame[offset]! ^= 1 << (bit % 8);
            break;
          }
          offset -= frame.length;
        }
        expect(() => createCodec("key").decode(frames)).toThrow(new WireError("the signature is wrong"));
      }),
      { numRuns: 500 },
    );
  });

  it("is refused under another key, with its parts in another order, and a second time", () => {
    fc.assert(
      fc.property(message, fc.string(), (sent, other) => {
        fc.pre(other !== "key");
        const codec = createCodec("key");
        const frames = codec.encode(sent);
        if (other !== "") expect(() => createCodec(other).decode(frames)).toThrow(WireError);
        codec.decode(frames);
        expect(() => codec.decode(frames)).toThrow(new WireError("a message with this signature was taken before"));
        const first = frames.length - sent.buffers.length - 4;
        const swapped = [...frames];
        [swapped[first], swapped[first + 3]] = [frames[first + 3]!, frames[first]!];
        const same = Buffer.compare(frames[first]!, frames[first + 3]!) === 0;
        if (!same) expect(() => createCodec("key").decode(swapped)).toThrow(WireError);
      }),
    );
  });

  it("is refused when frames are cut off its end or its beginning, never read as another", () => {
    fc.assert(
      fc.property(message, fc.nat(), (sent, cut) => {
        const frames = createCodec("key").encode({ ...sent, buffers: [] });
        const kept = frames.slice(0, cut % frames.length);
        expect(() => createCodec("key").decode(kept)).toThrow(WireError);
        const withoutDelimiter = frames.filter((_, index) => index !== sent.identities.length);
        expect(() => createCodec("key").decode(withoutDelimiter)).toThrow(
          `expected the delimiter <IDS|MSG> among ${withoutDelimiter.length} frames`,
        );
      }),
    );
  });
});

describe("any frames", () => {
  /** Parts that are not what they should be, and a few that are. */
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.json().map((json) => Buffer.from(json)),
    fc
      .constantFrom("{}", "[]", "null", "1", '"x"', "{", "", '{"msg_id":1}', '{"msg_id":"a","msg_type":null}')
      .map((json) => Buffer.from(json)),
    header.map((value) => Buffer.from(JSON.stringify(value))),
  );
  const frames = fc.oneof(
    fc.array(part, { maxLength: 8 }),
    fc.array(part, { maxLength: 8 }).map((rest) => [Buffer.from(delimiter), ...rest]),
    fc.array(part, { minLength: 4, maxLength: 5 }).map((rest) => [Buffer.from(delimiter), Buffer.alloc(0), ...rest]),
  );

  it("are a message or a WireError of one sentence, nothing else", () => {
    fc.assert(
      fc.property(frames, fc.constantFrom("", "key"), (given, key) => {
        try {
          const { header } = createCodec(key).decode(given);
          expect(typeof header.msg_id).toBe("string");
          expect(typeof header.msg_type).toBe("string");
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          expect((error as Error).message).toMatch(/^\S.*\S$/su);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("damaged frames", () => {
  const good = '{"msg_id":"a","msg_type":"x"}';
  const decode = (...parts: (string | Uint8Array)[]): unknown =>
    createCodec("").decode(
      [delimiter, "", ...parts].map((part) => (typeof part === "string" ? Buffer.from(part) : part)),
    );
  const cases: Record<string, [parts: (string | Uint8Array)[], message: string | RegExp]> = {
    "no parts": [[], "expected a signature and 4 parts after the delimiter, got 1 frames"],
    "three parts": [[good, "{}", "{}"], "expected a signature and 4 parts after the delimiter, got 4 frames"],
    "a header that is no JSON": [["{", "{}", "{}", "{}"], /^header: expected JSON in UTF-8 \(/],
    "a content that is no UTF-8": [
      [good, "{}", "{}", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
      /^content: expected JSON in UTF-8 \(/,
    ],
    "a list as metadata": [[good, "{}", "[]", "{}"], "metadata: expected a JSON object"],
    "null as content": [[good, "{}", "{}", "null"], "content: expected a JSON object"],
    "an empty header": [["{}", "{}", "{}", "{}"], "header.msg_id: expected a string, got nothing"],
    "a number as id": [['{"msg_id":1,"msg_type":"x"}', "{}", "{}", "{}"], "header.msg_id: expected a string, got 1"],
    "no type": [['{"msg_id":"a"}', "{}", "{}", "{}"], "header.msg_type: expected a string, got nothing"],
    "a parent that is no header": [
      [good, '{"a":1}', "{}", "{}"],
      "parent_header.msg_id: expected a string, got nothing",
    ],
  };
  for (const [name, [parts, message]] of Object.entries(cases)) {
    it(`are refused with a sentence: ${name}`, () => {
      expect(() => decode(...parts)).toThrow(WireError);
      expect(() => decode(...parts)).toThrow(message);
    });
  }

  it("cannot make an object of another prototype", () => {
    const { content } = createCodec("").decode(
      [delimiter, "", good, "{}", "{}", '{"__proto__":{"silent":true}}'].map((part) => Buffer.from(part)),
    );
    expect(content["silent"]).toBeUndefined();
  });
});

describe("a codec", () => {
  it("refuses a signature scheme that it does not know, unless nothing is signed", () => {
    for (const scheme of ["sha256", "hmac-", "hmac-none", "", "HMAC-SHA256"])
      expect(() => createCodec("key", scheme)).toThrow(
        `signature_scheme: expected "hmac-" and a known hash, got ${JSON.stringify(scheme)}`,
      );
    expect(() => createCodec("", "none")).not.toThrow();
  });

  it("remembers no more than the latest 65,536 signatures", () => {
    const codec = createCodec("key");
    const frames = (id: number): Uint8Array[] =>
      codec.encode({
        identities: [],
        header: { msg_id: String(id), session: "", username: "", date: "", msg_type: "x", version: "5.4" },
        parent_header: {},
        metadata: {},
        content: {},
        buffers: [],
      });
    for (let id = 0; id < 65_537; id += 1) codec.decode(frames(id));
    expect(() => codec.decode(frames(1))).toThrow(WireError);
    expect(() => codec.decode(frames(0))).not.toThrow();
  });

  it("signs the four parts as Python's hmac module does", () => {
    const codec = createCodec("Jefe");
    const signature = codec.encode({
      identities: [],
      header: {} as Header,
      parent_header: {},
      metadata: {},
      content: "what do ya want for nothing?",
      buffers: [],
    })[1];
    // hmac.new(b"Jefe", b"{}{}{}what do ya want for nothing?", "sha256").hexdigest()
    expect(Buffer.from(signature!).toString()).toBe("fea308f92c2561975d21180bbe0c9d9f278be90e477cd168746a7b3d43f99b54");
  });
});
