import { currentCell } from "./context.ts";
import { installProgress } from "./cell-progress.ts";
import { installWhenInterrupted } from "./when-interrupted.ts";
import type { DisplayApi, DisplayCall } from "./display-api.ts";
import { displayApiKey } from "./display-api.ts";
import { createDisplay } from "./display/display.ts";
import { isPromise } from "./display/promise.ts";
import type { DisplayPublisher } from "./display/publisher.ts";
import { render } from "./display/render.ts";
import type { Outlet } from "./outlet.ts";

/** Sends what user code displays under the cell that displays it. */
export function createPublisher(outlet: Outlet): DisplayPublisher {
  return {
    publish(data, { transient = {}, update = false, metadata = {} } = {}) {
      outlet.publish({
        type: update ? "update_display_data" : "display_data",
        content: { data, metadata, transient },
      });
    },
  };
}

/** Gives cells `display`, `updateDisplay` and `clearOutput` as globals, and `veelab/kernel` the way to them. */
export function installDisplay(outlet: Outlet, publisher: DisplayPublisher, directory: string): void {
  const anonymous = createDisplay(publisher, { directory });
  const done = Promise.resolve();
  /** Without an await where there is nothing to wait for: the output comes before what the cell prints next. */
  const show = (value: unknown, id: string, update: boolean): Promise<void> => {
    const rendering = render(value, { directory }) ?? { data: { "text/plain": "undefined" }, metadata: {} };
    const publish = ({ data, metadata }: Awaited<typeof rendering>): void => {
      publisher.publish(data, { metadata, transient: { display_id: id }, update });
    };
    const later = async (awaited: Promise<Awaited<typeof rendering>>): Promise<void> => {
      publish(await awaited);
    };
    if (isPromise(rendering)) return later(rendering);
    publish(rendering);
    return done;
  };
  /** The cell ends after what it shows, and the promise of a display that ends a cell is not its result. */
  const awaited = (shown: Promise<void>): Promise<void> => {
    const cell = currentCell();
    if (!cell.finished) cell.displays.add(shown);
    return shown;
  };
  const display: DisplayCall = (value, { id } = {}) =>
    awaited(id === undefined ? anonymous(value) : show(value, checkId(id), false));
  const api: DisplayApi = {
    display: Object.assign(display, anonymous),
    updateDisplay: (value, { id }) => awaited(show(value, checkId(id), true)),
    clearOutput({ wait = false } = {}) {
      outlet.publish({ type: "clear_output", content: { wait } });
    },
  };
  Object.defineProperty(globalThis, displayApiKey, { value: api });
  installProgress(publisher);
  installWhenInterrupted();
  for (const [name, value] of Object.entries(api))
    Object.defineProperty(globalThis, name, { value: value as unknown, writable: true, configurable: true });
}

function checkId(id: unknown): string {
  if (typeof id !== "string" || id === "")
    throw new TypeError(`id: expected a name for the display, got ${String(id)}`);
  return id;
}
