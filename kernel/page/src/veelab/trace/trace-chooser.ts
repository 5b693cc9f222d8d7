import type { Dialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";

import { element } from "../element.ts";
import { formatNames, isTrace } from "./formats.ts";

/** A file of this machine, or one that is in the folder already. */
export type Choice = { readonly file: File } | { readonly name: string };

/** The body of the dialog: a place to drop a file, a file picker, and the traces that are there already. */
export class TraceChooser extends Widget implements Dialog.IBodyWidget<Choice | undefined> {
  readonly #chosen = element("p");
  readonly #zone: HTMLElement;
  readonly #there: HTMLSelectElement;
  #choice: Choice | undefined;

  /**
   * @param folder where the file will be, for people
   * @param names the traces in it
   */
  constructor(folder: string, names: readonly string[]) {
    super();
    this.addClass("veelab-TraceChooser");
    const picker = element("input");
    picker.type = "file";
    picker.hidden = true;
    const pick = element("button", "Choose a file");
    pick.type = "button";
    pick.className = "jp-mod-styled";
    pick.onclick = () => picker.click();
    picker.onchange = () => this.#take(picker.files?.[0]);
    this.#zone = element("div", element("p", "Drop a trace here, or"), pick, picker, element("small", formatNames));
    this.#zone.className = "veelab-TraceChooser-zone";
    this.#there = element(
      "select",
      option("", "or take one of this folder"),
      ...names.map((name) => option(name, name)),
    );
    this.#there.className = "jp-mod-styled";
    this.#there.onchange = () => this.#takeName(this.#there.value);
    this.#chosen.className = "veelab-TraceChooser-chosen";
    this.#chosen.setAttribute("role", "status");
    const place = element("p", `It is copied to ${folder}, with a new notebook that opens, describes and charts it.`);
    this.node.append(place, this.#zone, ...(names.length > 0 ? [this.#there] : []), this.#chosen);
  }

  getValue(): Choice | undefined {
    return this.#choice;
  }

  protected override onAfterAttach(): void {
    for (const type of ["dragover", "dragleave", "drop"]) this.#zone.addEventListener(type, this);
    this.#tell("", false);
  }

  protected override onBeforeDetach(): void {
    for (const type of ["dragover", "dragleave", "drop"]) this.#zone.removeEventListener(type, this);
  }

  handleEvent(event: Event): void {
    event.preventDefault();
    event.stopPropagation();
    this.#zone.classList.toggle("veelab-mod-over", event.type === "dragover");
    if (event.type === "drop") this.#take((event as DragEvent).dataTransfer?.files[0]);
  }

  #take(file: File | undefined): void {
    if (file === undefined) return;
    this.#there.value = "";
    this.#choice = isTrace(file.name) ? { file } : undefined;
    if (this.#choice === undefined) this.#tell(`Expected a trace (${formatNames}), got ${file.name}.`, true);
    else this.#tell(`${file.name}, ${sizeText(file.size)}`, false);
  }

  #takeName(name: string): void {
    this.#choice = name === "" ? undefined : { name };
    this.#tell(name, false);
  }

  #tell(text: string, wrong: boolean): void {
    this.#chosen.textContent = text;
    this.#chosen.classList.toggle("veelab-mod-wrong", wrong);
    // The dialog asks a body for its value when it is accepted; until there is one it cannot be.
    const accept = this.node.closest(".jp-Dialog")?.querySelector<HTMLButtonElement>(".jp-mod-accept");
    if (accept) accept.disabled = this.#choice === undefined;
  }
}

function option(value: string, text: string): HTMLOptionElement {
  return new Option(text, value);
}

function sizeText(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power]}`;
}
