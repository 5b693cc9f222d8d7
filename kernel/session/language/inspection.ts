import ts from "typescript";
import type { Inspection } from "./link.ts";
import type { NotebookProgram } from "./notebook-program.ts";

/** A definition is shown up to so many lines. */
const definitionLines = 60;

/** What is told of a name: how it is declared, what its author wrote about it, where it stands. */
interface Described {
  readonly signature: string;
  readonly documentation: string;
  readonly tags: readonly ts.JSDocTagInfo[];
  readonly definition: string;
}

/**
 * What is known of the name at a place, or else of the function whose arguments the place is in.
 *
 * @param detail - 1 adds the text of the definition
 */
export function inspect(notebook: NotebookProgram, code: string, at: number, detail: 0 | 1): Inspection | undefined {
  const { path, start } = notebook.draft(code);
  const place = start + at;
  const described =
    ofName(notebook, path, place, detail) ??
    // The place is often just behind the name.
    (/[\p{ID_Continue}$]/u.test(code[at - 1] ?? "") ? ofName(notebook, path, place - 1, detail) : undefined) ??
    ofCall(notebook.service, path, place);
  return described && { plain: plainOf(described), markdown: markdownOf(described) };
}

function ofName(notebook: NotebookProgram, path: string, place: number, detail: 0 | 1): Described | undefined {
  const info = notebook.service.getQuickInfoAtPosition(path, place);
  if (info === undefined) return undefined;
  const signature = ts
    .displayPartsToString(info.displayParts)
    .replace(/^\(alias\) /, "")
    .replace(/\nimport (?!.*\n).*$/, "");
  // A name that nothing declares is told as "any".
  if (signature === "" || signature === "any") return undefined;
  return {
    signature,
    documentation: ts.displayPartsToString(info.documentation),
    tags: info.tags ?? [],
    definition: detail === 1 ? definitionOf(notebook, path, place) : "",
  };
}

function definitionOf(notebook: NotebookProgram, path: string, place: number): string {
  const { service } = notebook;
  const [found] = service.getDefinitionAtPosition(path, place) ?? [];
  if (found === undefined) return "";
  const { start, length } = found.contextSpan ?? found.textSpan;
  const text =
    notebook.declarationOf(found.fileName, found.name) ??
    service
      .getProgram()
      ?.getSourceFile(found.fileName)
      ?.text.slice(start, start + length);
  const lines = text?.split("\n") ?? [];
  return (lines.length > definitionLines ? [...lines.slice(0, definitionLines), "…"] : lines).join("\n");
}

function ofCall(service: ts.LanguageService, path: string, place: number): Described | undefined {
  const help = service.getSignatureHelpItems(path, place, undefined);
  if (help === undefined) return undefined;
  const chosen = help.items[help.selectedItemIndex];
  const ordered = [...(chosen === undefined ? [] : [chosen]), ...help.items.filter((item) => item !== chosen)];
  const text = ts.displayPartsToString;
  const signature = ordered
    .map(
      ({ prefixDisplayParts: prefix, suffixDisplayParts: suffix, separatorDisplayParts: separator, parameters }) =>
        `${text(prefix)}${parameters.map(({ displayParts }) => text(displayParts)).join(text(separator))}${text(suffix)}`,
    )
    .join("\n");
  return {
    signature,
    documentation: text(chosen?.documentation ?? []),
    tags: chosen?.tags ?? [],
    definition: "",
  };
}

function plainOf({ signature, documentation, tags, definition }: Described): string {
  const lines = tags.map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`.trimEnd());
  return parts(signature, documentation, lines.join("\n"), definition);
}

function markdownOf({ signature, documentation, tags, definition }: Described): string {
  return parts(
    fenced(signature),
    documentation,
    parts(...tags.map(markdownTag)),
    definition === "" ? "" : fenced(definition),
  );
}

function markdownTag({ name, text: content }: ts.JSDocTagInfo): string {
  const text = ts.displayPartsToString(content);
  if (name === "example") return `*Example*\n\n${/^\s*```|<caption>/m.test(text) ? text : fenced(text)}`;
  const parameter = ["param", "typeParam", "template"].includes(name) ? /^(\S+)\s*(?:-\s*)?([^]*)$/.exec(text) : null;
  if (parameter !== null) return `\`${parameter[1]!}\` — ${parameter[2]!}`;
  return `*@${name}* ${text}`.trimEnd();
}

function fenced(text: string): string {
  return `\`\`\`typescript\n${text}\n\`\`\``;
}

function parts(...texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n\n");
}
