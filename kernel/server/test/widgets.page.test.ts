import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";

import { tool } from "../../test/tool.ts";
import { begin, codeCell as cell, command, jupyterOfBlock, notebookMetadata } from "./jupyter-page.ts";

const chromium = tool("chromium", ["--version"]);

describe.skipIf(!chromium)("widgets in the page", { timeout: 120_000 }, () => {
  const jupyter = jupyterOfBlock("widgets");

  /** Opens a notebook of these cells and runs them all. */
  const run = async (name: string, ...sources: string[]): Promise<Page> => {
    await jupyter.writeNotebook(name, ...sources);
    const page = await jupyter.openNotebook(`/notebooks/${name}`);
    await begin(page, "notebook:run-all-cells");
    return page;
  };

  /** Drags the first slider's handle to a share of its way, by several steps. */
  const drag = async (page: Page, share: number): Promise<void> => {
    const box = async (selector: string) => (await page.locator(selector).first().boundingBox())!;
    const handle = await box(".noUi-handle");
    const track = await box(".noUi-target");
    await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
    await page.mouse.down();
    await page.mouse.move(track.x + track.width * share, track.y + track.height / 2, { steps: 8 });
    await page.mouse.up();
  };

  it("move a chart: a slider's handle is dragged, and the bars follow, also for a page that is loaded again", async () => {
    const page = await run(
      "slider.ipynb",
      `const { interact, slider } = widgets;
interact({ hosts: slider({ min: 1, max: 8, value: 3 }), colour: ["teal", "brown"] }, ({ hosts, colour }) => ({
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  width: 300,
  usermeta: { embedOptions: { renderer: "svg" } },
  data: { values: Array.from({ length: hosts }, (_, host) => ({ host, load: host + 1 })) },
  mark: { type: "bar", color: colour },
  encoding: { x: { field: "host", type: "ordinal" }, y: { field: "load", type: "quantitative" } },
}))`,
    );
    const bars = (count: number) =>
      page.waitForFunction(
        `document.querySelectorAll(".jp-CodeCell .widget-output .mark-rect path").length === ${count}`,
      );
    await cell(page, 0).locator(".widget-label", { hasText: "hosts" }).waitFor();
    await bars(3);
    await drag(page, 6 / 7);
    await bars(7);
    await cell(page, 0).locator("select").selectOption("brown");
    await cell(page, 0).locator('.mark-rect path[fill="brown"]').first().waitFor();
    await cell(page, 0).locator(".widget-readout", { hasText: "7" }).waitFor();
    await jupyter.picture(page, "slider");
    // The kernel knows the types of it all.
    expect(await cell(page, 0).locator(".jp-OutputArea-output", { hasText: /TS\d+/u }).count()).toBe(0);
    await command(page, "docmanager:save");
    await page.reload();
    await bars(7);
    await drag(page, 1 / 7);
    await bars(2);
    expect(await cell(page, 0).locator(".jp-OutputArea-executeResult").count()).toBe(1);
  });

  it("of every kind are shown and tell the code what a person does", async () => {
    const page = await run(
      "controls.ipynb",
      `const w = widgets;
const seen = w.label("nothing yet");
const told = { policy: w.dropdown(["lru", "random"], { label: "policy" }), on: w.checkbox({ label: "bypass" }), name: w.text({ label: "name" }) };
for (const [name, control] of Object.entries(told)) control.onChange((value: unknown) => { seen.value = name + "=" + value; });
const go = w.button("Run", { icon: "play", look: "primary" });
go.onClick(() => console.log("clicked"));
w.vbox([
  w.hbox([told.policy, told.on]), told.name, w.hbox([go, w.toggle({ label: "toggle" })]), seen,
  w.slider({ label: "a slider with a long label", max: 1, step: 0.01, value: 0.25 }),
  w.rangeSlider({ label: "range", value: [20, 60] }), w.number({ label: "number", value: 3 }),
  w.progress({ label: "done", value: 60, look: "success" }),
  w.tabs({
    choices: w.hbox([w.select(["a", "b"], { label: "select" }), w.radio(["c", "d"], { label: "radio" }), w.selectMultiple(["e", "f"])]),
    texts: w.textarea({ value: "text" }),
  }),
  w.toggleButtons(["x", "y"], { label: "buttons" }),
  w.accordion({ more: w.html("<b>bold</b> and $x^2$") }),
])`,
    );
    const first = cell(page, 0);
    await first.locator("select").first().selectOption("random");
    await first.locator(".widget-label", { hasText: "policy=random" }).waitFor();
    await first.locator("input[type=checkbox]").check();
    await first.locator(".widget-label", { hasText: "on=true" }).waitFor();
    await first.locator("input[type=text]").first().fill("disk");
    await first.locator(".widget-label", { hasText: "name=disk" }).waitFor();
    await first.locator("button", { hasText: "Run" }).click();
    await first.locator(".jp-OutputArea-output", { hasText: "clicked" }).last().waitFor();
    for (const kind of ["select", "radio", "toggle-buttons", "htmlmath, .widget-html", "progress, .progress"])
      await first.locator(`.widget-${kind}`).first().waitFor();
    expect(await page.locator("text=Error displaying widget").count()).toBe(0);
    await page.setViewportSize({ width: 1280, height: 1250 });
    await jupyter.picture(page, "controls");
  });

  it("of a module of the notebook's own are shown and talk back; an untrusted notebook's saved one is not run", async () => {
    const page = await run(
      "any.ipynb",
      `const counter = widgets.anywidget({
  state: { count: 3, bytes: new Uint8Array([5, 6]), back: null as Uint8Array | null },
  css: ".counter { color: rgb(200, 0, 0); font-size: 20px; }",
  esm: \`export default {
    async initialize({ model }) {
      window.initialized = model.get("count");
      model.set("back", new Uint8Array([42]));
      model.save_changes();
      await new Promise((resolve) => model.on("msg:custom", ({ early }) => { window.early ??= early; resolve(); }));
    },
    render({ model, el }) {
      const button = document.createElement("button");
      button.className = "counter";
      const show = () => { button.textContent = "clicked " + model.get("count") + ", bytes " + model.get("bytes").getUint8(1); };
      button.onclick = () => {
        model.set("count", model.get("count") + 1);
        model.save_changes();
        model.send({ hello: "kernel" }, undefined, [new Uint8Array([9, 8])]);
      };
      model.on("change:count", show);
      model.on("msg:custom", ({ text }, [bytes]) => { el.append(text + bytes.getUint8(0)); });
      show();
      el.append(button);
    },
  }\`,
});
counter.send({ early: "at once" });
const seen = widgets.label("-");
counter.onChange(({ count, back }) => { seen.value = "count is " + count + ", back " + back?.constructor.name + " " + back?.[0]; });
counter.onMessage(({ hello }, [bytes]) => counter.send({ text: " got " + hello + " " }, [bytes!]));
widgets.vbox([counter, seen])`,
      "counter.set({ count: 10 })",
    );
    const counter = cell(page, 0).locator(".counter");
    await page.locator(".counter", { hasText: "clicked 10, bytes 6" }).waitFor();
    const colour = 'getComputedStyle(document.querySelector(".counter")).color';
    expect(await page.evaluate(colour)).toBe("rgb(200, 0, 0)");
    await counter.click();
    await cell(page, 0).locator(".widget-label", { hasText: "count is 11, back Uint8Array 42" }).waitFor();
    await cell(page, 0).locator(".jp-OutputArea-output", { hasText: "got kernel 9" }).waitFor();
    expect(await page.evaluate("[window.initialized, window.early]")).toEqual([3, "at once"]);
    await jupyter.picture(page, "anywidget");

    // What a stranger's file could hold: a widget's state whose module runs.
    const id = "0123456789abcdef";
    const state = {
      ...{ _model_module: "anywidget", _model_name: "AnyModel", _model_module_version: "*" },
      ...{ _view_module: "anywidget", _view_name: "AnyView", _view_module_version: "*" },
      _esm: "window.attacked = 1; export default { render() { window.attacked = 2; } }",
    };
    const models = { [id]: { model_name: "AnyModel", model_module: "anywidget", model_module_version: "*", state } };
    const view = { version_major: 2, version_minor: 0, model_id: id };
    const data = { "application/vnd.jupyter.widget-view+json": view };
    const hostile = {
      cells: [
        {
          ...{ cell_type: "code", id: "a", metadata: { trusted: true }, execution_count: 1, source: "1" },
          outputs: [{ output_type: "display_data", metadata: {}, data }],
        },
      ],
      metadata: {
        ...notebookMetadata,
        widgets: { "application/vnd.jupyter.widget-state+json": { version_major: 2, version_minor: 0, state: models } },
      },
      ...{ nbformat: 4, nbformat_minor: 5 },
    };
    await writeFile(join(jupyter.root, "hostile.ipynb"), JSON.stringify(hostile));
    const opened = await jupyter.openNotebook("/notebooks/hostile.ipynb");
    // Also where it is trusted: the model is there without a kernel behind it.
    void command(opened, "notebook:trust").catch(() => undefined);
    await opened.locator(".jp-Dialog button", { hasText: "Trust" }).click();
    await opened.locator(".jp-OutputArea-output", { hasText: "Run the cell to see this widget" }).waitFor();
    expect(await opened.evaluate("window.attacked")).toBeUndefined();
  });
});
