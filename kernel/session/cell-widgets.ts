import { createRequire } from "node:module";
import type { CellComms } from "./cell-comms.ts";
import { createDisplay } from "./display/display.ts";
import type { DisplayPublisher } from "./display/publisher.ts";
import { describeError, type SourceIndex } from "./errors.ts";
import type * as Widgets from "./widgets/index.ts";

/** What widgets need of the kernel around them. */
export interface CellWidgetsParts {
  readonly comms: CellComms;
  readonly publisher: DisplayPublisher;
  readonly sources: SourceIndex;
  /** The notebook's folder. */
  readonly directory: string;
}

/** Gives cells the global `widgets`, whose code is loaded when a cell first asks for it. */
export function installWidgets({ comms, publisher, sources, directory }: CellWidgetsParts): void {
  let opened: Widgets.OpenWidgets | undefined;
  const open = (): Widgets.OpenWidgets => {
    // Not by import(): a cell has the global without an await.
    const { openWidgets } = createRequire(import.meta.url)("./widgets/index.js") as typeof Widgets;
    return openWidgets({
      comms,
      display: createDisplay(publisher, { directory }),
      describe: (error) => describeError(error, sources),
    });
  };
  const define = (descriptor: PropertyDescriptor): void => {
    Object.defineProperty(globalThis, "widgets", { configurable: true, ...descriptor });
  };
  define({
    get() {
      opened ??= open();
      return opened.api;
    },
    set(value: unknown) {
      define({ value, writable: true });
    },
  });
  // A front end that is opened asks for the widgets that are there.
  comms.space.registerTarget("jupyter.widget.control", (comm) => {
    comm.onMessage(({ data: { method } }) => {
      if (method !== "request_states") return;
      const { data, buffers } = opened?.states() ?? { data: noStates, buffers: [] };
      comm.send(data, { buffers });
    });
  });
}

const noStates = { method: "update_states", states: {}, buffer_paths: [] };
