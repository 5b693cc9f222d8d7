import type { JsonObject } from "../protocol/json.ts";
import type { LanguageService } from "./language/language-service.ts";

/** A cell that asks what a name is: `name?`, or `name??` with its definition, as in IPython. */
export interface HelpLine {
  /** A name, or a chain of them: `console.log`. */
  readonly name: string;
  /** 1 with the definition. */
  readonly detail: 0 | 1;
}

const name = String.raw`([\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.#?[\p{ID_Start}$_][\p{ID_Continue}$]*)*)`;
/** No TypeScript reads so: nothing that could run is taken for help. */
const behind = new RegExp(String.raw`^\s*${name}[^\S\n]*(\?\??)\s*$`, "u");
const before = new RegExp(String.raw`^\s*(\?\??)[^\S\n]*${name}\s*$`, "u");

/**
 * The cell as a line that asks for help, or undefined where it is code.
 *
 * @example `readHelpLine("parseInt?")` is `{ name: "parseInt", detail: 0 }`
 */
export function readHelpLine(code: string): HelpLine | undefined {
  const [, asked, marks = ""] = behind.exec(code) ?? [];
  if (asked !== undefined) return { name: asked, detail: marks === "??" ? 1 : 0 };
  const [, first = "", later] = before.exec(code) ?? [];
  return later === undefined ? undefined : { name: later, detail: first === "??" ? 1 : 0 };
}

/** The payload that has a front end page what is known of the name; undefined where nothing is. */
export async function helpPage({ name, detail }: HelpLine, language: LanguageService): Promise<JsonObject | undefined> {
  const inspection = await language.inspect(name, Array.from(name).length, detail);
  if (inspection === undefined) return undefined;
  const { plain, markdown } = inspection;
  return { source: "page", data: { "text/plain": plain, "text/markdown": markdown }, start: 0 };
}
