import { DOMWidgetModel, DOMWidgetView, type IBackboneModelOptions } from "@jupyter-widgets/base";
import type { KernelMessage } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";

import { loadModule, notRun, type CleanUp, type FrontEndModule, type ModelAccess } from "./front-end-module.ts";

/** The model of a widget whose state holds its own front-end module (`_esm`) and styles (`_css`). */
export class AnyModel extends DOMWidgetModel {
  // Both made in `initialize`, which the base calls before fields of this class exist.
  /** The module once it has initialized this model. */
  declare frontEnd: Promise<FrontEndModule>;
  /** Ends when the module can listen to messages, or has failed. */
  declare listening: Promise<void>;

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
      this.listening = Promise.resolve();
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

  /** Bytes stay bytes: the base takes everything through JSON. */
  override serialize(state: Record<string, unknown>): JSONObject {
    const { serializers = {} } = this.constructor as typeof AnyModel;
    const entries = Object.entries(state).map(([name, value]) =>
      name in serializers ? [name, super.serialize({ [name]: value })[name]] : [name, structuredClone(value)],
    );
    return Object.fromEntries(entries) as JSONObject;
  }

  /** A message of the widget's own waits for the module, but not for what that awaits: it may be this message. */
  override _handle_comm_msg(message: KernelMessage.ICommMsgMsg): Promise<void> {
    if (message.content.data["method"] !== "custom") return super._handle_comm_msg(message);
    void this.listening.then(() => super._handle_comm_msg(message));
    return Promise.resolve();
  }

  private load(signal: AbortSignal): Promise<FrontEndModule> {
    const begun = loadModule(this.get("_esm")).then((module) => ({
      module,
      initialized: module.initialize?.({ model: this.access(signal), signal, experimental: {} }),
    }));
    const over = (): void => undefined;
    this.listening = begun.then(over, over);
    return begun.then(async ({ module, initialized }) => {
      onAbort(signal, (await initialized) as CleanUp);
      return module;
    });
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
