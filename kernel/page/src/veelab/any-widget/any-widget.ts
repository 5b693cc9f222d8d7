import { DOMWidgetModel, DOMWidgetView, type IBackboneModelOptions } from "@jupyter-widgets/base";
import type { JSONObject } from "@lumino/coreutils";

import { loadModule, notRun, type CleanUp, type FrontEndModule, type ModelAccess } from "./front-end-module.ts";

/** The model of a widget whose state holds its own front-end module (`_esm`) and styles (`_css`). */
export class AnyModel extends DOMWidgetModel {
  // Made in `initialize`, which the base calls before fields of this class exist.
  /** The module once it has initialized this model. */
  declare frontEnd: Promise<FrontEndModule>;

  override initialize(attributes: Backbone.ObjectHash, options: IBackboneModelOptions): void {
    super.initialize(attributes, options);
    const live = options.comm !== undefined;
    const element = document.createElement("style");
    let current = new AbortController();
    const style = (): void => {
      element.textContent = live ? String(this.get("_css") ?? "") : "";
    };
    const load = (): void => {
      current.abort();
      current = new AbortController();
      this.frontEnd = live ? this.load(current.signal) : Promise.resolve(notRun);
      // Its views show what went wrong.
      this.frontEnd.catch(() => undefined);
      this.trigger("veelab:module");
    };
    document.head.append(element);
    style();
    load();
    this.on("change:_css", style);
    this.on("change:_esm", load);
    this.once("destroy", () => {
      current.abort();
      element.remove();
    });
  }

  /** The model for a function of the module, whose listeners end with the signal. */
  access(signal: AbortSignal): ModelAccess {
    const context = {};
    signal.addEventListener("abort", () => this.off(null, null, context));
    return {
      get: (name) => this.get(name),
      set: (name, value) => void this.set(name, value),
      save_changes: () => void this.save_changes(),
      send: (content, callbacks, buffers) => this.send(content as JSONObject, callbacks as never, buffers),
      on: (event, callback) => void this.on(event, callback, context),
      off: (event, callback) => void this.off(event ?? null, callback ?? null, context),
      widget_manager: this.widget_manager,
    };
  }

  private async load(signal: AbortSignal): Promise<FrontEndModule> {
    const module = await loadModule(this.get("_esm"));
    const cleanUp = await module.initialize?.({ model: this.access(signal), signal, experimental: {} });
    onAbort(signal, cleanUp as CleanUp);
    return module;
  }
}

/** A view of such a model. */
export class AnyView extends DOMWidgetView {
  #shown = new AbortController();

  override render(): void {
    void this.#render();
    this.listenTo(this.model, "veelab:module", () => void this.#render());
  }

  override remove(): void {
    this.#shown.abort();
    super.remove();
  }

  async #render(): Promise<void> {
    this.#shown.abort();
    const { signal } = (this.#shown = new AbortController());
    // A place of its own: what an earlier module still adds goes nowhere.
    const el = document.createElement("div");
    this.el.replaceChildren(el);
    try {
      const model = this.model as unknown as AnyModel;
      const module = await model.frontEnd;
      if (signal.aborted) return;
      const cleanUp = await module.render?.({ model: model.access(signal), el, signal, experimental: {} });
      onAbort(signal, cleanUp as CleanUp);
    } catch (error) {
      console.error(error);
      el.textContent = `The widget's module failed: ${String(error)}`;
    }
  }
}

function onAbort(signal: AbortSignal, cleanUp: CleanUp): void {
  if (typeof cleanUp !== "function") return;
  if (signal.aborted) cleanUp();
  else signal.addEventListener("abort", () => cleanUp());
}
