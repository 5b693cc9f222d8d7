import type { CellComms } from "../cell-comms.ts";
import type { Comm } from "../comm-api.ts";
import { currentCell } from "../context.ts";
import { splitBuffers } from "./buffers.ts";
import type { WidgetModel } from "./model.ts";

/** The version of the widget protocol, which the front end asks for. */
const protocol = { version: "2.1.0" };

/** The states of all widgets, as a front end asks for them when it is opened again. */
export interface AllStates {
  readonly data: { readonly method: "update_states"; readonly states: object; readonly buffer_paths: unknown[] };
  readonly buffers: Uint8Array[];
}

/** All models of a notebook, and how what they call finds its cell. */
export class WidgetSpace {
  readonly #comms: Pick<CellComms, "space" | "underCell">;
  readonly #models = new Map<string, WidgetModel>();

  constructor(comms: Pick<CellComms, "space" | "underCell">) {
    this.#comms = comms;
  }

  /** Tells the front end of a model. */
  open(model: WidgetModel): Comm {
    const { state, paths, buffers } = splitBuffers(model.state);
    const data = { state, buffer_paths: paths };
    const comm = this.#comms.space.openAs(model.id, "jupyter.widget", data, { metadata: protocol, buffers });
    // Not before: a state that cannot be sent makes no model.
    this.#models.set(model.id, model);
    return comm;
  }

  closed(model: WidgetModel): void {
    this.#models.delete(model.id);
  }

  /** A function that calls another one as the running cell, whose output then stands under it, whoever calls. */
  bound<A extends readonly unknown[]>(callback: (...args: A) => unknown): (...args: A) => Promise<void> | undefined {
    const { cell } = currentCell();
    return (...args) => this.#comms.underCell(cell, () => callback(...args));
  }

  states(): AllStates {
    const all: AllStates = { data: { method: "update_states", states: {}, buffer_paths: [] }, buffers: [] };
    for (const model of this.#models.values()) {
      const { state, paths, buffers } = splitBuffers(model.state);
      const { _model_name, _model_module, _model_module_version } = state;
      Object.assign(all.data.states, {
        [model.id]: {
          model_name: _model_name,
          model_module: _model_module,
          model_module_version: _model_module_version,
          state,
        },
      });
      for (const path of paths) all.data.buffer_paths.push([model.id, "state", ...path]);
      all.buffers.push(...buffers);
    }
    return all;
  }
}
