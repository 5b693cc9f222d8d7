import { describe, expect, it } from "vitest";
import { Captured } from "../captured.ts";

const shown = (text: string, id?: string) =>
  ({
    type: "display_data",
    content: { data: { "text/plain": text }, metadata: {}, transient: id === undefined ? {} : { display_id: id } },
  }) as const;

describe("captured outputs", () => {
  it("join printed text of one stream, and stand in order", () => {
    const captured = new Captured();
    captured.print("stdout", "a");
    captured.print("stdout", "b\n");
    captured.print("stderr", "c");
    expect(captured.take(shown("d"))).toBe(true);
    captured.print("stderr", "e");
    expect(captured.outputs).toEqual([
      { output_type: "stream", name: "stdout", text: "ab\n" },
      { output_type: "stream", name: "stderr", text: "c" },
      { output_type: "display_data", data: { "text/plain": "d" }, metadata: {} },
      { output_type: "stream", name: "stderr", text: "e" },
    ]);
  });

  it("are updated by their id; an update of another's goes its way, as do comms", () => {
    const captured = new Captured();
    captured.take(shown("0 %", "p"));
    expect(captured.take({ ...shown("1 %", "p"), type: "update_display_data" })).toBe(true);
    expect(captured.take({ ...shown("x", "other"), type: "update_display_data" })).toBe(false);
    expect(captured.take({ type: "comm_msg", content: { comm_id: "c", data: {} } })).toBe(false);
    expect(captured.outputs).toMatchObject([{ data: { "text/plain": "1 %" } }]);
  });

  it("go at once, or when the next output comes, or where none came", () => {
    const captured = new Captured();
    captured.print("stdout", "old");
    captured.take({ type: "clear_output", content: { wait: true } });
    expect(captured.outputs).toHaveLength(1);
    captured.take(shown("new"));
    expect(captured.outputs).toMatchObject([{ data: { "text/plain": "new" } }]);
    captured.replaceNext();
    captured.end();
    expect(captured.outputs).toEqual([]);
    captured.print("stdout", "old");
    captured.take({ type: "clear_output", content: { wait: false } });
    expect(captured.outputs).toEqual([]);
  });

  it("hold a million characters of text, and say how many more there were", () => {
    const captured = new Captured();
    for (let line = 0; line < 200; line += 1) captured.print("stdout", "x".repeat(9_999) + "\n");
    const [text, notice, ...others] = captured.outputs;
    expect(others).toEqual([]);
    const held = String(text?.["text"]).length;
    expect(held).toBeLessThanOrEqual(1_000_000);
    expect(notice).toEqual({
      output_type: "stream",
      name: "stderr",
      text: `\nveelab: an output widget holds 1 million characters of text; ${2_000_000 - held} more are left out\n`,
    });
    captured.clear();
    captured.print("stdout", "anew");
    expect(captured.outputs).toMatchObject([{ text: "anew" }]);
  });

  it("are the same list until something changes", () => {
    const captured = new Captured();
    captured.print("stdout", "a");
    const { outputs } = captured;
    expect(captured.outputs).toBe(outputs);
    captured.print("stdout", "b");
    expect(captured.outputs).not.toBe(outputs);
  });
});
