import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { JsonObject } from "../../protocol/json.ts";
import { createOutputStore, overwritten, type OutputStore } from "../outputs.ts";

const shown = (text: string, id?: string): JsonObject => ({
  data: { "text/plain": text },
  metadata: {},
  ...(id === undefined ? {} : { transient: { display_id: id } }),
});
const stream = (text: string, name = "stdout"): JsonObject => ({ name, text });
/** A cell's outputs, in short: a stream's name and text, a display's text. */
const brief = (store: OutputStore, cell = 0): string[] =>
  store.of(cell).map((output) => {
    if (output.output_type === "stream") return `${output.name}: ${output.text}`;
    return output.output_type === "error" ? output.ename : JSON.stringify(output.data["text/plain"]).slice(1, -1);
  });

describe("outputs of a cell", () => {
  it("joins consecutive texts of one stream, whatever the pieces", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("stdout", "stderr"), fc.string({ unit: "grapheme-ascii" }))),
        (pieces) => {
          const store = createOutputStore();
          for (const [name, text] of pieces) store.take(0, "stream", stream(text, name));
          const outputs = store.of(0);
          const names = outputs.map((output) => (output.output_type === "stream" ? output.name : ""));
          expect(names.every((name, at) => name !== names[at - 1])).toBe(true);
          for (const which of ["stdout", "stderr"]) {
            const joined = outputs.map((output) =>
              output.output_type === "stream" && output.name === which ? output.text : "",
            );
            expect(joined.join("")).toBe(
              pieces
                .filter(([name]) => name === which)
                .map(([, text]) => text)
                .join(""),
            );
          }
        },
      ),
    );
  });

  it("starts a new output for a stream after something else", () => {
    const store = createOutputStore();
    store.take(0, "stream", stream("a"));
    store.take(0, "display_data", shown("chart"));
    store.take(0, "stream", stream("b"));
    expect(brief(store)).toEqual(["stdout: a", "chart", "stdout: b"]);
  });

  it("changes every display of an id, in any cell, and keeps no transient data", () => {
    const store = createOutputStore();
    store.take(0, "display_data", shown("1", "x"));
    store.take(0, "display_data", shown("other", "y"));
    store.take(1, "execute_result", { ...shown("1", "x"), execution_count: 2 });
    store.take(1, "update_display_data", shown("2", "x"));
    store.take(1, "update_display_data", shown("nowhere", "z"));
    expect(brief(store, 0)).toEqual(["2", "other"]);
    expect(store.of(1)).toEqual([
      { output_type: "execute_result", data: { "text/plain": "2" }, metadata: {}, execution_count: 2 },
    ]);
  });

  it("changes the earlier displays of an id when it is displayed again", () => {
    const store = createOutputStore();
    store.take(0, "display_data", shown("1", "x"));
    store.take(0, "display_data", shown("2", "x"));
    expect(brief(store)).toEqual(["2", "2"]);
  });

  it("clears at once, or with the next output", () => {
    const store = createOutputStore();
    store.take(0, "stream", stream("a"));
    store.take(0, "clear_output", { wait: true });
    expect(brief(store)).toEqual(["stdout: a"]);
    store.take(0, "stream", stream("b"));
    expect(brief(store)).toEqual(["stdout: b"]);
    store.take(0, "clear_output", { wait: false });
    expect(brief(store)).toEqual([]);
    store.take(0, "display_data", shown("c", "x"));
    store.take(0, "clear_output", { wait: false });
    store.take(0, "update_display_data", shown("d", "x"));
    expect(brief(store)).toEqual([]);
  });

  it("takes an error, and ignores messages that are no outputs", () => {
    const store = createOutputStore();
    store.take(0, "execute_input", { code: "1", execution_count: 1 });
    store.take(0, "comm_open", {});
    store.take(0, "error", { ename: "E", evalue: "v", traceback: ["t"] });
    expect(store.of(0)).toEqual([{ output_type: "error", ename: "E", evalue: "v", traceback: ["t"] }]);
  });

  it("keeps of a line what a terminal would still show", () => {
    expect(overwritten("10 %\r50 %\r100 %\ndone\n")).toBe("100 %\ndone\n");
    expect(overwritten("a\r\nb\r\n")).toBe("a\nb\n");
    expect(overwritten("abc\b\bd")).toBe("ad");
    expect(overwritten("\b\bx")).toBe("x");
  });
});
