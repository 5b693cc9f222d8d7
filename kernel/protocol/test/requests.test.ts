import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import type { RequestType } from "../messages.ts";
import { checkRequest, isRequestType, RequestError } from "../requests.ts";

const types: readonly RequestType[] = [
  "kernel_info_request",
  "execute_request",
  "is_complete_request",
  "complete_request",
  "inspect_request",
  "history_request",
  "comm_info_request",
  "shutdown_request",
  "interrupt_request",
];

describe("a request's content", () => {
  it("has the protocol's defaults where a client left a field out or sent null", () => {
    const defaults = {
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: true,
      stop_on_error: true,
    };
    expect(checkRequest("execute_request", { code: "1" })).toEqual({ code: "1", ...defaults });
    const nulls = Object.fromEntries(Object.keys(defaults).map((name) => [name, null]));
    expect(checkRequest("execute_request", { code: "1", ...nulls })).toEqual({ code: "1", ...defaults });
    expect(checkRequest("history_request", { hist_access_type: "tail" })).toEqual({
      output: false,
      raw: true,
      hist_access_type: "tail",
      session: 0,
      start: 0,
      stop: undefined,
      n: undefined,
      pattern: "*",
      unique: false,
    });
    expect(checkRequest("inspect_request", { code: "", cursor_pos: 0 })).toMatchObject({ detail_level: 0 });
    expect(checkRequest("shutdown_request", {})).toEqual({ restart: false });
    expect(checkRequest("comm_info_request", {})).toEqual({ target_name: undefined });
  });

  it("loses the fields that the protocol does not have", () => {
    expect(checkRequest("kernel_info_request", { a: 1 })).toEqual({});
    expect(checkRequest("is_complete_request", { code: "x", extra: [] })).toEqual({ code: "x" });
  });

  const refused: Record<string, [type: RequestType, content: JsonObject, message: string]> = {
    "no code": ["execute_request", {}, "code: expected a string, got nothing"],
    "null as code": ["execute_request", { code: null }, "code: expected a string, got null"],
    "a list as code": ["is_complete_request", { code: ["1"] }, 'code: expected a string, got ["1"]'],
    "a number as silent": ["execute_request", { code: "", silent: 1 }, "silent: expected true or false, got 1"],
    "expressions that are no strings": [
      "execute_request",
      { code: "", user_expressions: { a: 1 } },
      'user_expressions: expected an object of strings, got {"a":1}',
    ],
    "a list of expressions": [
      "execute_request",
      { code: "", user_expressions: ["a"] },
      'user_expressions: expected an object of strings, got ["a"]',
    ],
    "a kind of history that is none": [
      "history_request",
      { hist_access_type: "all" },
      'hist_access_type: expected "tail" or "range" or "search", got "all"',
    ],
    "a fraction of a line": [
      "history_request",
      { hist_access_type: "tail", n: 1.5 },
      "n: expected a whole number, got 1.5",
    ],
    "a cursor that is no number": [
      "complete_request",
      { code: "", cursor_pos: "0" },
      'cursor_pos: expected a whole number, got "0"',
    ],
    "a level of detail that is none": [
      "inspect_request",
      { code: "", cursor_pos: 0, detail_level: 2 },
      "detail_level: expected 0 or 1, got 2",
    ],
    "a long value, cut": [
      "shutdown_request",
      { restart: "y".repeat(1000) },
      `restart: expected true or false, got "${"y".repeat(76)}...`,
    ],
  };
  for (const [name, [type, content, message]] of Object.entries(refused)) {
    it(`is refused with a sentence: ${name}`, () => {
      expect(() => checkRequest(type, content)).toThrow(new RequestError(message));
    });
  }

  it("whatever it is, is taken or refused with the name of one of its fields", () => {
    const names = ["code", "silent", "user_expressions", "cursor_pos", "hist_access_type", "n", "restart", "__proto__"];
    const content = fc
      .dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), fc.jsonValue())
      .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
    fc.assert(
      fc.property(fc.constantFrom(...types), content, (type, given) => {
        try {
          const checked = checkRequest(type, given);
          if ("code" in checked) expect(checked.code).toBe(given["code"]);
          if ("hist_access_type" in checked) expect(["tail", "range", "search"]).toContain(checked.hist_access_type);
        } catch (error) {
          expect(error).toBeInstanceOf(RequestError);
          expect((error as Error).message).toMatch(/^[a-z_]+: expected .+, got /su);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the type of a message", () => {
  it("is a request's, or not, also where it is the name of something that every object has", () => {
    for (const type of types) expect(isRequestType(type)).toBe(true);
    for (const type of ["", "toString", "__proto__", "constructor", "hasOwnProperty", "execute_reply", "execute"])
      expect(isRequestType(type)).toBe(false);
  });
});
