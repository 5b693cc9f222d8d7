import { createHash } from "node:crypto";
import { plainText } from "../display/render.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { AnyWidget, AnyWidgetOptions } from "./api.ts";
import { latest } from "./latest.ts";
import type { ModelKind, WidgetState } from "./model.ts";
import { ShownWidget } from "./shown-widget.ts";
import type { WidgetSpace } from "./space.ts";

/** Any version that the front end has: the interface of its modules is one. */
const kind: ModelKind = { name: "Any", module: "anywidget", version: "*" };

type Changed<S> = (state: S, previous: S) => unknown;
type Received = (content: JsonObject, buffers: readonly Uint8Array[]) => unknown;

/** A widget whose front end is a module of the notebook's own. */
export class ModuleWidget<S extends Readonly<Record<string, unknown>>> extends ShownWidget implements AnyWidget<S> {
  readonly #space: WidgetSpace;
  readonly #names: readonly string[];
  readonly #changes = new Set<Changed<S>>();
  readonly #messages = new Set<Received>();

  constructor(space: WidgetSpace, { esm, css = "", state, ...options }: AnyWidgetOptions<S>) {
    for (const [name, value] of Object.entries({ esm, css }))
      if (typeof value !== "string") throw new TypeError(`${name}: expected a text, got ${plainText(value)}`);
    const named = { _esm: esm, _css: css, _anywidget_id: sourceId(esm, css) };
    super(space, kind, { ...state, ...named }, options, {
      changed: (previous) => this.#changed(previous),
      received: (content, buffers) => Promise.all(Array.from(this.#messages, (received) => received(content, buffers))),
    });
    this.#space = space;
    this.#names = Object.keys(state ?? {});
  }

  get state(): S {
    return this.#own(this.model.state);
  }

  set(changes: Partial<S>): void {
    const previous = this.model.state;
    if (this.model.set(changes)) void this.#changed(previous);
  }

  onChange(changed: Changed<S>): () => void {
    return listen(
      this.#changes,
      latest(this.#space.bound(changed), ([, previous], [state]) => [state, previous]),
    );
  }

  send(content: object, buffers: readonly (ArrayBuffer | ArrayBufferView)[] = []): void {
    this.model.send(content, buffers);
  }

  onMessage(received: Received): () => void {
    return listen(this.#messages, this.#space.bound(received));
  }

  override text(): string {
    return `widget ${plainText(this.state)}`;
  }

  /** Of the whole state what is the notebook's. */
  #own(state: WidgetState): S {
    return Object.fromEntries(this.#names.map((name) => [name, state[name]])) as S;
  }

  #changed(previous: WidgetState): Promise<unknown> | undefined {
    const { state } = this;
    const results = Array.from(this.#changes, (changed) => changed(state, this.#own(previous)));
    return results.some((result) => result !== undefined) ? Promise.all(results) : undefined;
  }
}

/** By it, anywidget's own front end knows the style sheets that it has loaded; the same in every run. */
function sourceId(...sources: readonly string[]): string {
  return `veelab.${createHash("sha256").update(JSON.stringify(sources)).digest("hex").slice(0, 16)}`;
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
