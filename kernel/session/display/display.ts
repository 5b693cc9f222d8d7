import { randomUUID } from "node:crypto";
import { isPromise } from "./promise.ts";
import type { DisplayPublisher } from "./publisher.ts";
import { render, toBundle, type Rendering, type RenderOptions } from "./render.ts";

/** Shows values and ready-made forms under the cell that runs. */
export interface Display {
  /** Shows any value, as a cell's result is shown. */
  (value: unknown): Promise<void>;
  readonly html: (text: string) => void;
  readonly markdown: (text: string) => void;
  readonly latex: (text: string) => void;
  readonly svg: (text: string) => void;
  readonly javascript: (text: string) => void;
  readonly text: (text: string) => void;
  readonly png: (bytes: Uint8Array) => void;
  readonly jpeg: (bytes: Uint8Array) => void;
  readonly gif: (bytes: Uint8Array) => void;
  readonly pdf: (bytes: Uint8Array) => void;
  /** Shows one form of the given MIME type; bytes become base64. */
  readonly raw: (type: string, form: unknown) => void;
}

/** Options of {@link createDisplay}. */
export interface DisplayOptions extends RenderOptions {
  /**
   * Names the output: the first call shows it, later ones replace it. Without it every call adds an output.
   */
  readonly id?: string;
}

/** Makes the functions by which user code shows things. */
export function createDisplay(publisher: DisplayPublisher, { directory, id }: DisplayOptions): Display {
  let update = false;

  function publish({ data, metadata }: Rendering): void {
    if (id === undefined) {
      publisher.publish(data, { metadata });
      return;
    }
    publisher.publish(data, { metadata, transient: { display_id: id }, update });
    update = true;
  }

  const raw = (type: string, form: unknown): void => {
    publish({ data: toBundle({ [type]: form }), metadata: {} });
  };
  const as =
    (type: string) =>
    (form: unknown): void => {
      raw(type, form);
    };
  const display = async (value: unknown): Promise<void> => {
    const rendering = render(value, { directory });
    // Without an await where there is nothing to wait for: the output comes before what the cell prints next.
    publish(
      isPromise(rendering) ? await rendering : (rendering ?? { data: { "text/plain": "undefined" }, metadata: {} }),
    );
  };
  return Object.assign(display, {
    html: as("text/html"),
    markdown: as("text/markdown"),
    latex: as("text/latex"),
    svg: as("image/svg+xml"),
    javascript: as("text/javascript"),
    text: as("text/plain"),
    png: as("image/png"),
    jpeg: as("image/jpeg"),
    gif: as("image/gif"),
    pdf: as("application/pdf"),
    raw,
  });
}

/** Makes a display whose calls all show in one place, each replacing the last. */
export function createUpdatingDisplay(publisher: DisplayPublisher, options: RenderOptions): Display {
  return createDisplay(publisher, { ...options, id: randomUUID() });
}
