import { isJsonObject, type Json, type JsonObject } from "../protocol/json.ts";
import type { Notebook } from "./notebook.ts";

/** The MIME type of the widgets' states in a notebook's metadata. */
const stateType = "application/vnd.jupyter.widget-state+json";

/** An id as kernels make them: a UUID, or its digits alone. */
const anyId = /(?<![0-9a-f-])[0-9a-f-]{32,36}(?![0-9a-f-])/gu;

interface Model {
  state: JsonObject;
  /** By its path, as JSON. */
  readonly buffers: Map<string, Uint8Array>;
}

/** The states of a kernel's widgets, as its messages tell them, for front ends that open the notebook without that kernel. */
export class WidgetStates {
  readonly #models = new Map<string, Model>();

  /** Takes a message of the kernel's output channel; other types than those of comms are ignored. */
  take(type: string, { comm_id: id, target_name: target, data }: JsonObject, buffers: readonly Uint8Array[]): void {
    if (typeof id !== "string" || !isJsonObject(data)) return;
    if (type === "comm_close") this.#models.delete(id);
    if (type === "comm_open" && target === "jupyter.widget") this.#models.set(id, { state: {}, buffers: new Map() });
    const model = this.#models.get(id);
    if (model === undefined || !isJsonObject(data["state"])) return;
    if (type === "comm_msg" && data["method"] !== "update") return;
    for (const name of Object.keys(data["state"])) forget(model.buffers, name);
    model.state = { ...model.state, ...data["state"] };
    const paths = Array.isArray(data["buffer_paths"]) ? data["buffer_paths"] : [];
    for (const [index, path] of (paths as readonly Json[]).entries()) {
      if (Array.isArray(path) && typeof path[0] === "string" && !(path[0] in data["state"]))
        forget(model.buffers, path[0]);
      const bytes = buffers[index];
      if (bytes !== undefined) model.buffers.set(JSON.stringify(path), bytes);
    }
  }

  /**
   * The notebook with the states in its metadata, where nbclient and JupyterLab have them, and without those of an earlier run. Models
   * get names in the order in which they were made, so that a second run gives the same bytes.
   */
  savedIn(notebook: Notebook): Notebook {
    const metadata = Object.fromEntries(Object.entries(notebook.metadata).filter(([name]) => name !== "widgets"));
    if (this.#models.size === 0) return { ...notebook, metadata };
    const names = new Map(Array.from(this.#models.keys(), (id, index) => [id, `widget-${index + 1}`] as const));
    const named = <T>(value: T): T =>
      JSON.parse(JSON.stringify(value).replace(anyId, (id) => names.get(id) ?? id)) as T;
    const state = Object.fromEntries(Array.from(this.#models, ([id, model]) => [names.get(id) ?? id, saved(model)]));
    const cells = notebook.cells.map((cell) =>
      cell.cell_type === "code" ? { ...cell, outputs: named(cell.outputs) } : cell,
    );
    const widgets = { [stateType]: { version_major: 2, version_minor: 0, state: named(state) } };
    return { ...notebook, cells, metadata: { ...metadata, widgets } };
  }
}

/** Bytes below a part of the state that has been replaced. */
function forget(buffers: Map<string, Uint8Array>, name: string): void {
  for (const path of buffers.keys()) if ((JSON.parse(path) as Json[])[0] === name) buffers.delete(path);
}

function saved({ state: all, buffers }: Model): JsonObject {
  const { _model_name: name = "", _model_module: module = "", _model_module_version: version = "" } = all;
  // A password is for the kernel alone.
  const state =
    name === "PasswordModel" ? Object.fromEntries(Object.entries(all).filter(([key]) => key !== "value")) : all;
  const model = { model_name: name, model_module: module, model_module_version: version, state };
  if (buffers.size === 0) return model;
  const encoded = Array.from(buffers, ([path, bytes]) => ({
    encoding: "base64",
    path: JSON.parse(path) as Json,
    data: Buffer.from(bytes).toString("base64"),
  }));
  return { ...model, buffers: encoded };
}
