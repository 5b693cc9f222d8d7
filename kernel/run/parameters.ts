import { parseSync } from "oxc-parser";

import { cellId } from "./cell-id.ts";
import { InputError } from "./input-error.ts";
import type { Json } from "../protocol/json.ts";
import { tagsOf, type Cell, type CodeCell, type Notebook } from "./notebook.ts";

/** Values for a notebook's parameters, by name. */
export type Parameters = Readonly<Record<string, Json>>;

/**
 * Reads `name=value`: the value is JSON where it parses as JSON, else the text itself (`n=10`, `mode=sp`, `sizes=[1,2]`).
 *
 * @throws InputError when there is no name
 */
export function parseParameter(text: string): [name: string, value: Json] {
  const at = text.indexOf("=");
  const name = text.slice(0, Math.max(at, 0)).trim();
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name))
    throw new InputError(`--param: expected name=value, got ${JSON.stringify(text)}`);
  const value = text.slice(at + 1);
  try {
    return [name, JSON.parse(value) as Json];
  } catch {
    return [name, value];
  }
}

/**
 * A notebook with parameters set, as papermill does it: a cell tagged `injected-parameters` after the cell tagged
 * `parameters`, in place of one injected before. Each is declared as the notebook declares it (`const`, `let`, with its
 * type), so that the type checker sees a value of the wrong type.
 *
 * @param file The notebook's name, for error messages
 * @throws InputError when no cell is tagged `parameters`, or that cell does not declare one of the names
 */
export function withParameters(notebook: Notebook, parameters: Parameters, file: string): Notebook {
  const names = Object.keys(parameters);
  if (names.length === 0) return notebook;
  const cells = notebook.cells.filter((cell) => !tagsOf(cell).includes(INJECTED));
  const at = cells.findIndex((cell) => cell.cell_type === "code" && tagsOf(cell).includes("parameters"));
  const cell = cells[at];
  if (cell === undefined)
    throw new InputError(`${file}: expected a code cell tagged "parameters" to set ${names.join(", ")}, got none`);
  const declared = declarations(cell.source);
  const source = names.map((name) => {
    const declaration = declared.get(name);
    if (declaration === undefined)
      throw new InputError(
        `${file}: expected a parameter of the notebook (${[...declared.keys()].join(", ") || "it declares none"}), got ${name}`,
      );
    return `${declaration} = ${JSON.stringify(parameters[name])};`;
  });
  const injected: CodeCell = {
    cell_type: "code",
    id: injectedId(cells),
    metadata: { tags: [INJECTED] },
    source: ["// Parameters", ...source].join("\n"),
    execution_count: null,
    outputs: [],
  };
  return { ...notebook, cells: cells.toSpliced(at + 1, 0, injected) };
}

const INJECTED = "injected-parameters";

function injectedId(cells: readonly Cell[]): string {
  const taken = new Set(cells.map((cell) => cell.id));
  return taken.has(INJECTED) ? cellId(cells.length, INJECTED, taken) : INJECTED;
}

/** The variables that a cell declares at its top level, each with its declaration up to the `=`: `const n: number`. */
function declarations(source: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const statement of parseSync("parameters.ts", source).program.body) {
    if (statement.type !== "VariableDeclaration") continue;
    for (const { id } of statement.declarations)
      if (id.type === "Identifier") found.set(id.name, `${statement.kind} ${source.slice(id.start, id.end)}`);
  }
  return found;
}
