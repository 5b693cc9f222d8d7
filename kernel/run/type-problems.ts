import { isJsonObject, type Json, type JsonObject } from "../protocol/json.ts";
import { problemsType } from "../session/type-report.ts";
import type { Notebook } from "./notebook.ts";

/** A problem that the type checker found in a cell of a notebook. */
export interface CellProblem {
  /** The cell's place in the notebook, from 1. */
  readonly cell: number;
  /** The line in the cell, from 1. */
  readonly line: number;
  /** The column in the line, from 1. */
  readonly column: number;
  /** TypeScript's number of the message: 2322. */
  readonly code: number;
  /** What is wrong; its first line is a sentence. */
  readonly message: string;
}

/** What the type checks say among a notebook's outputs. */
export interface TakenProblems {
  /** The notebook without those outputs that are nothing else. */
  readonly notebook: Notebook;
  readonly problems: readonly CellProblem[];
  /** The places of the cells that could not be checked, from 1. */
  readonly unchecked: readonly number[];
}

/** Takes what the type checks say out of a notebook's outputs. */
export function takeProblems(notebook: Notebook): TakenProblems {
  const problems: CellProblem[] = [];
  const unchecked: number[] = [];
  const cells = notebook.cells.map((cell, index) => {
    if (cell.cell_type !== "code") return cell;
    const outputs = cell.outputs.filter((output) => {
      if (output.output_type !== "display_data" || !Object.hasOwn(output.data, problemsType)) return true;
      const list = output.data[problemsType] as Json;
      if (Array.isArray(list))
        problems.push(...list.filter(isJsonObject).map((problem) => problemOf(index + 1, problem)));
      else unchecked.push(index + 1);
      return Object.keys(output.data).length > 1;
    });
    return { ...cell, outputs };
  });
  return { notebook: { ...notebook, cells }, problems, unchecked };
}

function problemOf(cell: number, { line, column, code, message }: JsonObject): CellProblem {
  const text = typeof message === "string" ? message : "";
  return { cell, line: Number(line), column: Number(column), code: Number(code), message: text };
}

/** A problem as one line: `cell 3, line 2:7: TS2322: Type 'string' is not assignable to type 'number'.` */
export function describeProblem({ cell, line, column, code, message }: CellProblem): string {
  return `cell ${cell}, line ${line}:${column}: TS${code}: ${message.split("\n")[0] ?? ""}`;
}
