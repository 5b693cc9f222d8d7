import { complete } from "../completion.ts";
import { inspect } from "../inspection.ts";
import type { Completion, Inspection } from "../link.ts";
import { NotebookProgram } from "../notebook-program.ts";

/** A notebook's program, as tests talk to it: places of a text are marked by `‸`. */
export interface TestNotebook {
  readonly program: NotebookProgram;
  /** Runs a cell; gives its problems, each as `line:column TS2322 message`. */
  run(code: string): string[];
  /** As `run`, without a check; gives the cell's number and those that are worth checking again. */
  start(code: string): { readonly cell: number; readonly again: readonly number[] };
  /** The problems of a cell that ran. */
  check(cell: number): string[];
  readonly complete: (marked: string) => Completion;
  /** The texts of the completions. */
  readonly texts: (marked: string) => string[];
  inspect(marked: string, detail?: 0 | 1): Inspection | undefined;
}

/** Opens the program of a notebook in a folder. */
export function openNotebook(directory: string): TestNotebook {
  const program = new NotebookProgram(directory);
  let cells = 0;
  const check = (cell: number): string[] =>
    program.check(cell).map(({ line, column, code, message }) => `${line}:${column} TS${code} ${message}`);
  const start: TestNotebook["start"] = (code) => {
    cells += 1;
    return { cell: cells, again: program.ran({ cell: cells, shown: `[${cells}]`, code }) };
  };
  const placed = (marked: string): [code: string, at: number] => {
    const at = marked.indexOf("‸");
    return [marked.replace("‸", ""), at];
  };
  const completed = (marked: string): Completion => complete(program, ...placed(marked));
  return {
    program,
    run: (code) => check(start(code).cell),
    start,
    check,
    complete: completed,
    texts: (marked) => completed(marked).items.map(({ text }) => text),
    inspect: (marked, detail = 0) => inspect(program, ...placed(marked), detail),
  };
}
