import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { startKernel, type CellRun, type LiveKernel, type Published } from "./live-kernel.ts";

let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(async () => {
  await kernel.stop();
});

const opened = (published: readonly Published[]): readonly { readonly id: string; readonly state: JsonObject }[] =>
  published
    .filter(({ type }) => type === "comm_open")
    .map(({ content }) => ({
      id: content["comm_id"] as string,
      state: (content["data"] as JsonObject)["state"] as JsonObject,
    }));
const model = ({ all }: CellRun, name: string) => {
  const found = opened(all).find(({ state }) => state["_model_name"] === name);
  if (found === undefined) throw new Error(`expected a ${name} among ${JSON.stringify(opened(all))}`);
  return found;
};
/** The front end changes a widget's state. */
const change = (id: string, state: JsonObject) =>
  kernel.comm("comm_msg", { comm_id: id, data: { method: "update", state, buffer_paths: [] } });
const ofType = (published: readonly Published[], type: string): JsonObject[] =>
  published.filter((each) => each.type === type).map(({ content }) => content);

describe("a slider", () => {
  it("is one of ipywidgets' models, with a text where no widget is shown", async () => {
    const run = await kernel.execute('widgets.slider({ label: "n", min: 1, max: 5, value: 2 })');
    expect(model(run, "IntSliderModel").state).toMatchObject({
      ...{ _model_module: "@jupyter-widgets/controls", _model_module_version: "2.0.0", _view_name: "IntSliderView" },
      ...{ description: "n", min: 1, max: 5, step: 1, value: 2, readout_format: "d" },
    });
    const [result] = ofType(run.outputs, "execute_result");
    expect(result?.["data"]).toEqual({
      "application/vnd.jupyter.widget-view+json": {
        version_major: 2,
        version_minor: 0,
        model_id: model(run, "IntSliderModel").id,
      },
      "text/plain": 'slider "n": 2',
    });
    const fine = await kernel.execute("widgets.slider({ min: 0, max: 1, step: 0.05 })");
    expect(model(fine, "FloatSliderModel").state).toMatchObject({ step: 0.05, readout_format: ".2f" });
  });

  it("calls back under the cell that listens, with the value and the one before, and echoes to other pages", async () => {
    const run = await kernel.execute(
      "const s = widgets.slider(); const end = s.onChange((value, previous) => console.log(previous, value)); s.id",
    );
    const sent = await change(model(run, "IntSliderModel").id, { value: 7 }).handled;
    expect(ofType(sent, "comm_msg")).toMatchObject([{ data: { method: "echo_update", state: { value: 7 } } }]);
    const later = await kernel.execute("s.value = 8; end(); s.value = 9; s.value");
    expect(later.result()).toBe("9");
    expect(later.text()).toBe("7 8\n");
    expect(ofType(run.all, "stream")).toEqual([{ name: "stdout", text: "0 7\n" }]);
    expect(ofType(later.outputs, "comm_msg")).toMatchObject([
      { data: { method: "update", state: { value: 8 } } },
      { data: { method: "update", state: { value: 9 } } },
    ]);
  });

  it("keeps only the latest value while a callback goes on, and idle comes when that has ended", async () => {
    const run = await kernel.execute(`
      const seen: number[] = [];
      let go = () => {};
      const fast = widgets.slider();
      fast.onChange(async (value) => {
        seen.push(value);
        console.log("in", value);
        await new Promise<void>((resolve) => (go = resolve));
      });`);
    const { id } = model(run, "IntSliderModel");
    const first = change(id, { value: 1 });
    await change(id, { value: 2 }).handled;
    await change(id, { value: 3 }).handled;
    await kernel.execute("go(); await new Promise((resolve) => setTimeout(resolve, 1)); go();");
    await first.handled;
    expect((await kernel.execute("[seen, fast.value]")).result()).toBe("[ [ 1, 3 ], 3 ]");
  });

  it("shows what a callback throws, goes on, and can be interrupted", async () => {
    const cell = kernel.send(`
      const bad = widgets.slider();
      bad.onChange((value) => {
        if (value === 1) throw new RangeError("one");
        console.log("value", value);
        while (value === 2);
      });`);
    const run = await cell.ended;
    const { id } = model(run, "IntSliderModel");
    await change(id, { value: 1 }).handled;
    const looping = change(id, { value: 2 });
    await cell.seen((published) => published.some(({ type }) => type === "stream"));
    await kernel.interrupt();
    await looping.handled;
    await change(id, { value: 3 }).handled;
    await kernel.execute("1");
    const [thrown, interrupted] = ofType(run.all, "error");
    expect(thrown).toMatchObject({ ename: "RangeError" });
    expect(String((thrown?.["traceback"] as string[]).at(-1))).toMatch(/at cell \[\d+\]:4:/u);
    expect(interrupted).toMatchObject({ ename: "Interrupted" });
    expect(ofType(run.all, "stream").map(({ text }) => text)).toEqual(["value 2\n", "value 3\n"]);
  });

  it("says what it expected", async () => {
    const says = async (code: string): Promise<unknown> => (await kernel.execute(code)).reply["evalue"];
    expect(await says("widgets.slider({ min: 2, max: 1 })")).toBe("max: expected a number >= min (2), got 1");
    expect(await says("widgets.slider({ value: 101 })")).toBe("value: expected a number from 0 to 100, got 101");
    expect(await says("widgets.slider({ step: 0 })")).toBe("step: expected a number > 0, got 0");
    expect(await says("widgets.slider().value = 'a' as never")).toBe("value: expected a finite number, got 'a'");
  });
});

describe("interact", () => {
  it("draws at once and again on a change, into its output, errors too", async () => {
    const run = await kernel.execute(`
      const { interact, slider } = widgets;
      const drawn = interact({ n: slider({ min: 0, max: 9, value: 4 }) }, ({ n }) => {
        console.log("drawing");
        if (n === 0) throw new RangeError("nothing");
        return n * n;
      });
      drawn`);
    const output = async (): Promise<unknown> =>
      JSON.parse((await kernel.execute("console.log(JSON.stringify(drawn.output.outputs))")).text());
    const drawing = { output_type: "stream", name: "stdout", text: "drawing\n" };
    expect(ofType(run.outputs, "execute_result")[0]?.["data"]).toMatchObject({ "text/plain": "n = 4\ndrawing\n16" });
    expect(ofType(run.outputs, "stream")).toEqual([]);
    const { id } = model(run, "IntSliderModel");
    await change(id, { value: 5 }).handled;
    expect(await output()).toMatchObject([drawing, { output_type: "display_data", data: { "text/plain": "25" } }]);
    await change(id, { value: 0 }).handled;
    expect(await output()).toMatchObject([drawing, { output_type: "error", ename: "RangeError" }]);
  });
});

describe("interact's drawing", () => {
  it.each([
    ["at once", "({ n }) => { if (n < 4) throw new RangeError('too few'); return n; }"],
    [
      "later",
      "async ({ n }) => { await new Promise((go) => setTimeout(go, 5)); if (n < 4) throw new RangeError('too few'); return n; }",
    ],
  ])("fails its cell where the first one throws %s, below what is shown; later ones do not", async (_, draw) => {
    const run = await kernel.execute(`const few = widgets.interact({ n: widgets.slider({ value: 3 }) }, ${draw}); few`);
    expect(run.reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "too few" });
    expect(run.outputs.map(({ type }) => type).slice(-3)).toEqual(["execute_result", "error", "status"]);
    const { id } = model(run, "IntSliderModel");
    const shown = async (): Promise<unknown> => (await kernel.execute("await few.drawn(); few.output.text()")).result();
    expect(await shown()).toMatch(/RangeError.*: too few/);
    await change(id, { value: 4 }).handled;
    expect(await shown()).toBe("'4'");
    expect((await change(id, { value: 2 }).handled).filter(({ type }) => type === "error")).toEqual([]);
    expect((await kernel.execute("few.inputs.n.value = 1; await few.drawn(); 'goes on'")).result()).toBe("'goes on'");
    expect(await shown()).toMatch(/RangeError.*: too few/);
  });

  it("of a chart leaves its picture, in its size, for what shows no widgets", async () => {
    const run = await kernel.execute(`widgets.interact({ n: 3 }, ({ n }) => ({
      $schema: "https://vega.github.io/schema/vega-lite/v5.json", data: { values: [{ n }] }, mark: "bar",
      encoding: { x: { field: "n" } } }))`);
    const [{ data, metadata } = {}] = ofType(run.outputs, "execute_result");
    expect(data).toMatchObject({ "text/plain": "n = 3\nChart: bar; x n", "image/png": expect.any(String) as string });
    expect(metadata).toEqual({
      "image/png": {
        width: expect.any(Number) as number,
        height: expect.any(Number) as number,
        alt: "Chart: bar; x n",
      },
    });
  });

  it("is interrupted where it waits, and drawn again for the next value", async () => {
    const cell = kernel.send(`
      const forever = new Promise(() => {});
      const looping = widgets.interact({ n: widgets.slider({ value: 0 }) }, async ({ n }) => {
        if (n === 2) await forever;
        return n;
      });
      looping.output.id`);
    const run = await cell.ended;
    const { id } = model(run, "IntSliderModel");
    for (const value of [2, 2, 3]) {
      const sent = change(id, { value });
      if (value === 2) {
        await kernel.execute("0");
        await kernel.interrupt();
      }
      await sent.handled;
      await change(id, { value: 9 }).handled;
      expect((await kernel.execute("await looping.drawn(); looping.output.text()")).result()).toBe("'9'");
    }
  });
});

describe("a front end that is opened again", () => {
  it("asks for the states of all widgets that are open", async () => {
    const run = await kernel.execute(
      "const kept = widgets.slider({ value: 42 }); const gone = widgets.slider(); gone.close();",
    );
    const [kept, gone] = opened(run.all).map(({ id }) => id);
    const target = { comm_id: "control", target_name: "jupyter.widget.control", data: {} };
    await kernel.comm("comm_open", target).handled;
    const sent = await kernel.comm("comm_msg", { comm_id: "control", data: { method: "request_states" } }).handled;
    const [answer] = ofType(sent, "comm_msg");
    const states = (answer?.["data"] as JsonObject)["states"] as JsonObject;
    expect(states[kept!]).toMatchObject({ model_name: "IntSliderModel", state: { value: 42 } });
    expect(states[gone!]).toBeUndefined();
  });

  it("gets the bytes of a state at their places", async () => {
    const run = await kernel.execute(
      `widgets.anywidget({ esm: "export default {}", state: { bytes: new Uint8Array([4, 2]), list: [new Uint8Array([7])] } }); 0`,
    );
    const { id } = model(run, "AnyModel");
    await kernel.comm("comm_open", { comm_id: "bytes", target_name: "jupyter.widget.control", data: {} }).handled;
    const sent = await kernel.comm("comm_msg", { comm_id: "bytes", data: { method: "request_states" } }).handled;
    const [answer] = sent.filter(({ type }) => type === "comm_msg");
    const paths = (answer?.content as { data: { buffer_paths: string[][] } }).data.buffer_paths;
    expect(paths).toEqual([
      [id, "state", "bytes"],
      [id, "state", "list", 0],
    ]);
  });

  it("asks for the state of one, where it is older", async () => {
    const run = await kernel.execute("widgets.slider({ value: 6 })");
    const { id } = model(run, "IntSliderModel");
    const sent = await kernel.comm("comm_msg", { comm_id: id, data: { method: "request_state" } }).handled;
    expect(ofType(sent, "comm_msg")).toMatchObject([
      { data: { method: "update", state: { value: 6, _model_name: "IntSliderModel" }, buffer_paths: [] } },
    ]);
  });

  it("gets none where no cell has asked for widgets", async () => {
    const other = await startKernel();
    await other.comm("comm_open", { comm_id: "c", target_name: "jupyter.widget.control", data: {} }).handled;
    const sent = await other.comm("comm_msg", { comm_id: "c", data: { method: "request_states" } }).handled;
    await other.stop();
    expect(ofType(sent, "comm_msg").map(({ data }) => data)).toEqual([
      { method: "update_states", states: {}, buffer_paths: [] },
    ]);
  });
});
