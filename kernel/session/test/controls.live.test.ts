import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { startKernel, type LiveKernel } from "./live-kernel.ts";

let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(async () => {
  await kernel.stop();
});

const json = async (code: string): Promise<unknown> =>
  JSON.parse((await kernel.execute(`console.log(JSON.stringify(${code}) ?? "null")`)).text());
/** Makes a widget and gives its model: the last one, as those that it names come first. */
const make = async (code: string): Promise<{ readonly id: string; readonly state: JsonObject }> => {
  const run = await kernel.execute(`globalThis.w = ${code}; 0`);
  expect(run.reply).toMatchObject({ status: "ok" });
  const opened = run.outputs.filter(({ type }) => type === "comm_open").at(-1);
  if (opened === undefined) throw new Error(`expected a model of ${code}`);
  const { comm_id: id, data } = opened.content as { comm_id: string; data: { state: JsonObject } };
  return { id, state: data.state };
};
const send = (id: string, data: JsonObject) => kernel.comm("comm_msg", { comm_id: id, data }).handled;
const change = (id: string, state: JsonObject) => send(id, { method: "update", state, buffer_paths: [] });

describe("controls", () => {
  // Each: its code, its model, its value and text, what the front end changes, and the value then.
  it.each<[string, string, unknown, string, JsonObject, unknown]>([
    ["rangeSlider({ max: 9 })", "IntRangeSliderModel", [0, 9], "range: [ 0, 9 ]", { value: [2, 4] }, [2, 4]],
    [
      "rangeSlider({ max: 1, value: [0.2, 1] })",
      "FloatRangeSliderModel",
      [0.2, 1],
      "range: [ 0.2, 1 ]",
      { value: [0, 1] },
      [0, 1],
    ],
    ["number({ value: 3 })", "IntTextModel", 3, "number: 3", { value: 5 }, 5],
    ["number({ min: 0.5, max: 2 })", "BoundedFloatTextModel", 0.5, "number: 0.5", { value: 1.5 }, 1.5],
    ["progress({ value: 40, label: 'disks' })", "FloatProgressModel", 40, 'progress "disks": 40', {}, 40],
    ["checkbox({ label: 'on' })", "CheckboxModel", false, 'checkbox "on": false', { value: true }, true],
    ["toggle({ value: true, look: 'info' })", "ToggleButtonModel", true, "toggle: true", { value: false }, false],
    ["text({ value: 'a' })", "TextModel", "a", "text: 'a'", { value: "b" }, "b"],
    ["text({ hidden: true })", "PasswordModel", "", "password", { value: "b" }, "b"],
    ["textarea({ rows: 2 })", "TextareaModel", "", "textarea: ''", { value: "b\nc" }, "b\nc"],
    ["dropdown(['lru', 'random'])", "DropdownModel", "lru", "dropdown: 'lru'", { index: 1 }, "random"],
    ["select({ one: 1, two: 2 }, { value: 2 })", "SelectModel", 2, "select: 2", { index: 0 }, 1],
    ["radio([true, false])", "RadioButtonsModel", true, "radiobuttons: true", { index: 1 }, false],
    ["toggleButtons([[1], [2]], { value: [2] })", "ToggleButtonsModel", [2], "togglebuttons: [ 2 ]", { index: 0 }, [1]],
    ["selectMultiple(['a', 'b', 'c'])", "SelectMultipleModel", [], "choices: []", { index: [0, 2] }, ["a", "c"]],
    ["label('$x^2$')", "LabelModel", "$x^2$", "label: '$x^2$'", {}, "$x^2$"],
    ["html('<b>b</b>')", "HTMLModel", "<b>b</b>", "html: '<b>b</b>'", {}, "<b>b</b>"],
  ])("%s is a %s whose value the front end and the code change", async (code, name, value, text, state, then) => {
    const model = await make(`widgets.${code}`);
    expect(model.state).toMatchObject({ _model_name: name, _model_module: "@jupyter-widgets/controls" });
    expect(await json("[w.value, w.text()]")).toEqual([value, text]);
    await change(model.id, state);
    expect(await json("w.value")).toEqual(then);
    const set = await kernel.execute(`w.value = ${JSON.stringify(value)}; w.disabled = true; w.label = "named"`);
    expect(set.outputs.filter(({ type }) => type === "comm_msg").at(-1)?.content).toMatchObject({
      data: { method: "update", state: { description: "named" } },
    });
    expect(await json("[w.value, w.disabled, w.label]")).toEqual([value, true, "named"]);
  });

  it("keep a password out of every text", async () => {
    const code =
      "const pw = widgets.text({ hidden: true, label: 'pw', value: 'hush' }); globalThis.i = widgets.interact({ pw }, () => 1); pw";
    const run = await kernel.execute(code);
    expect(run.result()).toBe('password "pw"');
    expect(await json("i.text()")).toBe('password "pw"\n1');
  });

  it("are printed by their texts", async () => {
    const run = await kernel.execute("console.log(widgets.slider({ label: 'n' }), [widgets.checkbox()])");
    expect(run.text()).toBe('slider "n": 0 [ checkbox: false ]\n');
  });

  it.each([
    ["min: 0.5, max: 0.5", { min: 0.5, max: 0.5, value: 0.5, readout_format: ".1f" }],
    ["min: 0.25, max: 5.25, step: 0.5", { step: 0.5, readout_format: ".2f" }],
    ["max: 1, step: 0.1, value: 0.125", { value: 0.125, readout_format: ".3f" }],
  ])("a slider of %s shows its values as they are", async (options, state) => {
    expect((await make(`widgets.slider({ ${options} })`)).state).toMatchObject(state);
  });

  it("refuse what is no value of theirs", async () => {
    const says = async (code: string): Promise<unknown> => (await kernel.execute(`widgets.${code}`)).reply["evalue"];
    expect(await says("dropdown(['a', 'b'], { value: 'c' })")).toBe("value: expected one of a, b, got 'c'");
    expect(await says("dropdown([])")).toBe("options: expected one or more to choose from, got none");
    expect(await says("checkbox({ value: 1 as never })")).toBe("value: expected true or false, got 1");
    expect(await says("text({ value: 1 as never })")).toBe("value: expected a text, got 1");
    expect(await says("rangeSlider().value = [2, 1]")).toBe("max: expected a number >= min (2), got 1");
    expect(await says("hbox([1 as never])")).toBe("children[0]: expected a widget, got 1");
    expect(await says("button('b').onClick(1 as never)")).toBe("onClick: expected a function, got number");
    expect(await says("interact({ a: Symbol('s') as never }, () => 1)")).toBe(
      "a: expected a widget with a value, a boolean, a number, a text or an array to choose from, got Symbol(s)",
    );
  });

  it("a button calls back, also while it waits", async () => {
    const { id } = await make("widgets.button('go', { icon: 'play' })");
    await kernel.execute(`
      let clicks = 0;
      let release = () => {};
      w.onClick(async () => {
        clicks += 1;
        if (clicks === 1) await new Promise<void>((resolve) => (release = resolve));
        else release();
      });`);
    const click = { method: "custom", content: { event: "click" } };
    await Promise.all([send(id, click), send(id, click)]);
    expect(await json("clicks")).toBe(2);
  });

  it("stand in boxes, one at a time by their titles, and are linked", async () => {
    await kernel.execute(
      "const a = widgets.slider({ value: 3 }); const b = widgets.number(); const end = widgets.link(a, b);",
    );
    expect((await make("widgets.hbox([a, b])")).state["children"]).toEqual(
      ((await json("[a.id, b.id]")) as string[]).map((id) => `IPY_MODEL_${id}`),
    );
    expect(await json("w.text()")).toBe("slider: 3\nnumber: 3");
    const tabs = await make("widgets.tabs({ first: a, second: b }, { layout: { width: '50%' } })");
    expect(tabs.state).toMatchObject({ _model_name: "TabModel", titles: ["first", "second"], selected_index: 0 });
    expect((await make("widgets.accordion({ first: a })")).state).toMatchObject({ _model_name: "AccordionModel" });
    await change((await json("b.id")) as string, { value: 9 });
    expect(await json("[a.value, b.value]")).toEqual([9, 9]);
    expect(await json("(end(), b.value = 1, a.value)")).toBe(9);
  });

  it("are made of plain values by interact", async () => {
    const code =
      "interact({ on: true, n: 2, name: 'x', of: ['p', 'q'] }, ({ on, n, name, of }) => `${on} ${n} ${name} ${of}`)";
    await kernel.execute(`globalThis.i = widgets.${code}; await i.drawn();`);
    expect(await json("i.text()")).toBe("on = true, n = 2, name = 'x', of = 'p'\n'true 2 x p'");
    expect(await json("Object.values(i.inputs).map((input) => input.label)")).toEqual(["on", "n", "name", "of"]);
  });

  it("an output captures what a function prints and displays, also later, and shows values", async () => {
    const run = await kernel.execute(`
      globalThis.o = widgets.output();
      const got = o.capture(async () => {
        console.log("captured");
        await new Promise((resolve) => setTimeout(resolve, 1));
        display.text("later");
        return 5;
      });
      console.log("beside", await got);`);
    expect(run.text()).toBe("beside 5\n");
    expect(await json("o.outputs")).toMatchObject([
      { output_type: "stream", text: "captured\n" },
      { output_type: "display_data", data: { "text/plain": "later" } },
    ]);
    await kernel.execute("await o.show(42)");
    expect(await json("[o.outputs.length, o.text()]")).toEqual([1, "42"]);
    await kernel.execute("o.clear()");
    expect(await json("o.text()")).toBe("an empty output");
    const failed = await kernel.execute("o.capture(() => { console.log('before'); throw new RangeError('thrown') })");
    expect(failed.reply).toMatchObject({ ename: "RangeError" });
    expect(await json("o.text()")).toBe("before");
  });

  it("sends bytes that were changed in place", async () => {
    await make("widgets.anywidget({ esm: 'export default {}', state: { bytes: new Uint8Array([1, 2]) } })");
    const set = await kernel.execute(
      "{ const { bytes } = w.state; bytes[0] = 7; w.set({ bytes }); w.set({ bytes }); }",
    );
    const sent = set.outputs.filter(({ type }) => type === "comm_msg");
    expect(sent.map(({ buffers }) => buffers.map((bytes) => [...bytes]))).toEqual([[[7, 2]]]);
  });

  it("a state that cannot be sent changes nothing and makes no widget", async () => {
    await make("widgets.anywidget({ esm: 'export default {}', state: { count: 1 } })");
    const set = await kernel.execute("w.set({ count: 1n })");
    expect(set.reply).toMatchObject({ ename: "TypeError" });
    expect(await json("w.state.count")).toBe(1);
    const made = await kernel.execute("widgets.anywidget({ esm: 'export default {}', state: { count: 1n } })");
    expect(made.reply).toMatchObject({ ename: "TypeError" });
    await kernel.comm("comm_open", { comm_id: "all", target_name: "jupyter.widget.control", data: {} }).handled;
    const asked = await kernel.comm("comm_msg", { comm_id: "all", data: { method: "request_states" } }).handled;
    expect(asked.map(({ type }) => type)).not.toContain("error");
  });

  it("a module's widget shares its state and messages, with bytes", async () => {
    const code =
      "anywidget({ esm: 'export default {}', css: 'b {}', state: { count: 1, bytes: new Uint8Array([1, 2]) } })";
    const run = await kernel.execute(`globalThis.w = widgets.${code}; w`);
    const [opened] = run.outputs.filter(({ type }) => type === "comm_open");
    expect(opened?.content).toMatchObject({
      data: { state: { _model_module: "anywidget", _esm: "export default {}", _css: "b {}", count: 1 } },
    });
    expect(opened?.content["data"]).toMatchObject({
      state: { _anywidget_id: expect.stringMatching(/^veelab\.[0-9a-f]{16}$/u) as string },
      buffer_paths: [["bytes"]],
    });
    expect(opened?.buffers.map((bytes) => [...bytes])).toEqual([[1, 2]]);
    const id = opened!.content["comm_id"] as string;
    await kernel.execute(`
      const told: unknown[] = [];
      w.onChange((state, previous) => told.push([previous.count, state.count, [...state.bytes]]));
      w.onMessage((content, [bytes]) => { told.push(content.hello); w.send({ back: true }, [bytes.reverse()]); });`);
    const data = { method: "update", state: { count: 2 }, buffer_paths: [["bytes"]] };
    await kernel.comm("comm_msg", { comm_id: id, data }, [new Uint8Array([7])]).handled;
    const custom = { method: "custom", content: { hello: "you" } };
    await kernel.comm("comm_msg", { comm_id: id, data: custom }, [new Uint8Array([3, 4])]).handled;
    const set = await kernel.execute("w.set({ count: 5 })");
    expect(set.outputs.find(({ type }) => type === "comm_msg")?.content).toMatchObject({
      data: { method: "update", state: { count: 5 } },
    });
    expect(await json("[told, w.state.count]")).toEqual([[[1, 2, [7]], "you", [2, 5, [7]]], 5]);
    expect((await kernel.execute("widgets.anywidget({})")).reply["evalue"]).toBe("esm: expected a text, got undefined");
  });
});
