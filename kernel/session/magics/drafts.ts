import type { Completion } from "../language/link.ts";
import { withoutCheckLine } from "../check-line.ts";
import { magicForms, mayHaveMagics, signed, type MagicName } from "./names.ts";
import type { MagicCell, MagicUse } from "./read-magics.ts";

/** What the type checker is given of the cells of a session, which may have magics. */
export class Drafts {
  readonly #ran: string[] = [];

  /** Tells a cell that runs without its magics: at once where it has none. */
  ran(code: string, tell: (text: string) => void): Promise<void> | undefined {
    const ran = (text: string): void => {
      this.#ran.push(text);
      tell(text);
    };
    if (mayHaveMagics(code))
      return this.#read(code).then((cell) => {
        ran(cell?.text ?? code);
      });
    ran(code);
    return undefined;
  }

  /** A cell that is being typed, as long in every line as it is, without its magics and `%check` lines. */
  async typed(code: string): Promise<{ readonly text: string; readonly uses: readonly MagicUse[] }> {
    const checked = withoutCheckLine(code);
    return (await this.#read(checked)) ?? { text: checked, uses: [] };
  }

  /** Loaded when it is first needed: the parser would take a third of the time to the kernel's first answer. */
  async #read(code: string): Promise<MagicCell | undefined> {
    if (!mayHaveMagics(code)) return undefined;
    const { readMagics } = await import("./read-magics.ts");
    return readMagics(code, (name) => name in globalThis || this.#ran.some((text) => declares(text, name)));
  }
}

/** Roughly: it decides over the type check of a line like `!ls`, and over nothing else. */
function declares(text: string, name: string): boolean {
  return new RegExp(`\\b(?:let|const|var|function|class|enum|import|namespace)\\b[^=;]*\\b${name}\\b`).test(text);
}

/** The names of magics that could stand at a place where a line begins with a percent sign; nothing elsewhere. */
export function completeMagic(code: string, at: number): Completion | undefined {
  const line = code.slice(code.lastIndexOf("\n", at - 1) + 1, at);
  const [, space = "", signs = "", typed = ""] = /^(\s*)(%{1,2})(\w*)$/.exec(line) ?? [];
  const first = code.slice(0, at - line.length).trim() === "";
  if (signs === "" || (signs === "%%" && !first)) return undefined;
  const items = (Object.keys(magicForms) as MagicName[])
    .filter((name) => name.startsWith(typed) && (magicForms[name].form === "cell") <= first)
    .map((name) => (magicForms[name].form === "line" || signs === "%" ? signed(name) : `%%${name}`))
    .filter((text) => text.startsWith(signs))
    .map((text) => ({ text, type: "magic", signature: "" }));
  return { start: at - line.length + space.length, end: at, items };
}
