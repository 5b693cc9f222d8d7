import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { startKernel, type LiveKernel, type Published } from "./live-kernel.ts";

let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(async () => {
  await kernel.stop();
});

/** What the front end has of every output widget's outputs, one after another. */
const sent = (published: readonly Published[]): readonly (readonly JsonObject[])[] =>
  published
    .filter(({ type }) => type === "comm_msg")
    .map(({ content }) => (content["data"] as { state: { outputs: JsonObject[] } }).state.outputs);
const last = (published: readonly Published[]): readonly JsonObject[] => sent(published).at(-1) ?? [];
const closings = (published: readonly Published[]): readonly unknown[] =>
  published.filter(({ type }) => type === "comm_close").map(({ content }) => content["comm_id"]);

describe("an output widget", () => {
  it("sends much text in few messages, and at most a million characters of it", async () => {
    const run = await kernel.execute(`
      globalThis.o = widgets.output();
      o.capture(() => { for (let line = 0; line < 200_000; line += 1) console.log("line", line); });`);
    const all = sent(run.all);
    expect(JSON.stringify(all).length).toBeLessThan(100_000_000);
    const [text, notice] = last(run.all).map((output) => output["text"] as string);
    expect(text?.startsWith("line 0\nline 1\n")).toBe(true);
    const length = Array.from({ length: 200_000 }, (_, line) => `line ${line}\n`).join("").length;
    expect(notice).toContain(`; ${length - (text ?? "").length} more are left out`);
  });

  it("has sent all of its text before its cell ends, also one that fails or is interrupted", async () => {
    const prints = "globalThis.o = widgets.output(); o.capture(() => { console.log(1); console.log(2); console.log(3);";
    const [ended, failed] = [await kernel.execute(`${prints} });`), await kernel.execute(`${prints} throw 1; });`)];
    const cell = kernel.send(`${prints} display.text("shown"); comms.open("printed"); for (;;); });`);
    await cell.seen((published) => published.some(({ content }) => content["target_name"] === "printed"));
    await kernel.interrupt();
    const interrupted = await cell.ended;
    for (const { outputs } of [ended, failed, interrupted])
      expect(last(outputs)[0]).toEqual({ output_type: "stream", name: "stdout", text: "1\n2\n3\n" });
    expect(last(interrupted.outputs)[1]).toMatchObject({ data: { "text/plain": "shown" } });
  });

  it("shows the value of the last call, whichever ends last", async () => {
    const run = await kernel.execute(`
      globalThis.o = widgets.output();
      let go = () => {};
      const slow = o.replace(async () => {
        await new Promise((resolve) => (go = resolve));
        console.log("slow");
        return "slow";
      });
      await o.show("fast");
      go();
      await slow;`);
    expect(last(run.outputs)).toMatchObject([{ data: { "text/plain": "'fast'" } }]);
    expect((await kernel.execute("o.text()")).result()).toBe("\"'fast'\"");
    expect(run.text()).toBe("");
  });
});

describe("a widget that is closed", () => {
  it("takes its layout and style along", async () => {
    const run = await kernel.execute(`{
      const w = widgets.slider({ label: "n", layout: { width: "50%" } });
      w.close();
    }`);
    const opened = run.all.filter(({ type }) => type === "comm_open").map(({ content }) => content["comm_id"]);
    expect(opened).toHaveLength(3);
    expect(new Set(closings(run.all))).toEqual(new Set(opened));
  });

  it("draws no more, where it is interact's, and leaves the widgets that it was given", async () => {
    await kernel.execute(`
      globalThis.given = widgets.slider();
      globalThis.drawings = 0;
      globalThis.box = widgets.interact({ given, made: 2 }, () => { drawings += 1; });
      await box.drawn();
      box.close();
      given.value = 7;
      await box.drawn();`);
    expect((await kernel.execute("[drawings, given.closed, box.inputs.made.closed, box.output.closed]")).result()).toBe(
      "[ 1, false, true, true ]",
    );
  });
});
