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
});
