import { createHash, randomUUID } from "node:crypto";
import type { JsonObject } from "../../protocol/json.ts";
import type { Comm, CommMessage } from "../comm-api.ts";
import { joinBuffers, splitBuffers, type BufferPath } from "./buffers.ts";
import type { WidgetSpace } from "./space.ts";

/** From here on, JSON is kept as its hash. */
const longJson = 100;

/** A widget's state, by the names of the widget protocol. */
export type WidgetState = Readonly<Record<string, unknown>>;

/** Which class of the front end's shows a model. */
export interface ModelKind {
  /** Its name without the ending: `IntSlider` is the model `IntSliderModel` with the view `IntSliderView`. */
  readonly name: string;
  /** Where the view's name is another one. */
  readonly view?: string;
  readonly module: string;
  readonly version: string;
}

/** A kind of the controls that every front end of ipywidgets 8 has. */
export function controlKind(name: string, view?: string): ModelKind {
  const kind = { name, module: "@jupyter-widgets/controls", version: "2.0.0" };
  return view === undefined ? kind : { ...kind, view };
}

/** What a model tells its widget. */
export interface ModelListener {
  /** The front end has changed the state; idle waits for what is returned. */
  readonly changed?: (previous: WidgetState) => unknown;
  /** A message of the widget's own. */
  readonly received?: (content: JsonObject, buffers: readonly Uint8Array[]) => unknown;
}

/** The model of a widget: a state that the kernel and every view in the front end share, by the widget protocol 2.1.0. */
export class WidgetModel {
  readonly id: string = randomUUID();
  readonly #listener: ModelListener;
  readonly #comm: Comm;
  readonly #space: WidgetSpace;
  #state: Record<string, unknown>;
  /** What the front end has of each part of the state. */
  readonly #sent = new Map<string, string>();

  constructor(
    space: WidgetSpace,
    { name, view = name, module, version }: ModelKind,
    state: WidgetState,
    listener: ModelListener = {},
  ) {
    this.#space = space;
    this.#listener = listener;
    this.#state = {
      _model_module: module,
      _model_module_version: version,
      _model_name: `${name}Model`,
      _view_module: module,
      _view_module_version: version,
      _view_name: `${view}View`,
      ...state,
    };
    this.#comm = space.open(this);
    this.#keepSent(this.#state);
    this.#comm.onMessage((message) => this.#receive(message));
    this.#comm.onClose(() => {
      space.closed(this);
    });
  }

  get state(): WidgetState {
    return this.#state;
  }

  get closed(): boolean {
    return this.#comm.closed;
  }

  /**
   * Changes the state here and in the front end; what the front end has already is not sent. Returns whether anything was.
   *
   * @throws for a state that cannot be sent, with nothing changed
   */
  set(patch: WidgetState): boolean {
    const changes = Object.entries(patch).filter(([key, value]) => this.#sent.get(key) !== fingerprint(value));
    if (changes.length === 0) return false;
    const changed = Object.fromEntries(changes);
    this.replace(changed);
    this.#keepSent(changed);
    return true;
  }

  /** Changes the state here and in the front end, without a look at what that has. */
  replace(changes: WidgetState): void {
    if (!this.closed) this.#send("update", changes);
    this.#state = { ...this.#state, ...changes };
    for (const key of Object.keys(changes)) this.#sent.delete(key);
  }

  /** Sends a message of the widget's own. */
  send(content: object, buffers: readonly (ArrayBuffer | ArrayBufferView)[] = []): void {
    this.#comm.send({ method: "custom", content }, { buffers });
  }

  close(): void {
    this.#comm.close();
    this.#space.closed(this);
  }

  #keepSent(state: WidgetState): void {
    for (const [key, value] of Object.entries(state)) this.#sent.set(key, fingerprint(value));
  }

  #send(method: "update" | "echo_update", changes: WidgetState): void {
    const { state, paths, buffers } = splitBuffers(changes);
    this.#comm.send({ method, state, buffer_paths: paths }, { buffers });
  }

  #receive({ data, buffers }: CommMessage): unknown {
    const { method, state, content, buffer_paths: paths } = data;
    if (method === "request_state") this.#send("update", this.#state);
    else if (method === "custom") return this.#listener.received?.(content as JsonObject, buffers);
    else if (method === "update") {
      const previous = this.#state;
      const changes = joinBuffers(state as JsonObject, (paths ?? []) as unknown as BufferPath[], buffers);
      this.#state = { ...previous, ...changes };
      this.#keepSent(changes);
      // So that other pages of the same kernel follow, and this one knows that it was heard.
      this.#send("echo_update", changes);
      return this.#listener.changed?.(previous);
    }
    return undefined;
  }
}

/** Of a value as it is sent: objects and bytes may change in place, and what is long is not to be kept twice. */
function fingerprint(value: unknown): string {
  const { state, paths, buffers } = splitBuffers({ value });
  const json = JSON.stringify([state, paths]);
  if (json.length < longJson && buffers.length === 0) return json;
  const hash = createHash("sha256").update(json);
  for (const buffer of buffers) hash.update(buffer);
  return hash.digest("base64");
}
