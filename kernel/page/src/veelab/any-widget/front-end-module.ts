/** What a module's functions see of their widget's model. */
export interface ModelAccess {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[] | ArrayBufferView[]): void;
  on(event: string, callback: (...args: unknown[]) => void): void;
  off(event?: string | null, callback?: ((...args: unknown[]) => void) | null): void;
  readonly widget_manager: unknown;
}

/** What a module's function may give: called when what it has made goes. */
export type CleanUp = (() => unknown) | undefined;

interface Given {
  readonly model: ModelAccess;
  readonly signal: AbortSignal;
  readonly experimental: Readonly<Record<string, unknown>>;
}

/** A front-end module, by the interface of anywidget (https://anywidget.dev/en/afm/). */
export interface FrontEndModule {
  readonly initialize?: (given: Given) => unknown;
  readonly render?: (given: Given & { readonly el: HTMLElement }) => unknown;
}

/** Where a widget has no kernel behind it: its module came with a file that may be anybody's. */
export const notRun: FrontEndModule = {
  render({ el }) {
    el.textContent = "Run the cell to see this widget: the module that a notebook was saved with is not run";
  },
};

/**
 * Loads a module from its source.
 *
 * @throws TypeError for one that has nothing of the interface
 */
export async function loadModule(source: unknown): Promise<FrontEndModule> {
  if (typeof source !== "string") throw new TypeError(`_esm: expected a module's source, got ${typeof source}`);
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    const loaded = (await import(/* webpackIgnore: true */ url)) as { readonly default?: unknown };
    const exported: unknown = loaded.default ?? loaded;
    const module = (typeof exported === "function" ? await (exported as () => unknown)() : exported) as FrontEndModule;
    if (typeof module.render === "function" || typeof module.initialize === "function") return module;
    throw new TypeError("_esm: expected a module whose default export has a function `render`");
  } finally {
    URL.revokeObjectURL(url);
  }
}
