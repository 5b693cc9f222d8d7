import { describe, expect, it } from "vitest";
import { InputError } from "../input-error.ts";
import { runNotebook } from "../run-notebook.ts";
import type { Notebook } from "../notebook.ts";
import { describeProblem } from "../type-problems.ts";

const notebookOf = (...sources: readonly string[]): Notebook => ({
  cells: sources.map((source, index) => ({
    cell_type: "code",
    id: `cell-${index}`,
    metadata: {},
    source,
    execution_count: null,
    outputs: [],
  })),
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});

const outputs = ({ cells }: Notebook): unknown[] =>
  cells.map((cell) => (cell.cell_type === "code" ? cell.outputs : []));

describe("runNotebook with checkTypes", { timeout: 120_000 }, () => {
  it("lists the problems of all cells and keeps them out of the outputs", async () => {
    const notebook = notebookOf(
      "const a: number = 'x';\nconst later = () => missing;\nconst b: string = 1;",
      "const missing = 1",
      "%check off\nconst c: number = 'x'",
      "%check warn\nconst d: number = later().length",
    );
    const { notebook: ran, problems, failure } = await runNotebook(notebook, { checkTypes: true });
    expect(failure).toBeUndefined();
    expect(problems.map(describeProblem)).toEqual([
      "cell 1, line 1:7: TS2322: Type 'string' is not assignable to type 'number'.",
      "cell 1, line 3:7: TS2322: Type 'number' is not assignable to type 'string'.",
      "cell 4, line 2:27: TS2339: Property 'length' does not exist on type 'number'.",
    ]);
    // The last cell asks for the display itself.
    expect(outputs(ran).slice(0, 3)).toEqual([[], [], []]);
    expect(outputs(ran)[3]).toMatchObject([{ output_type: "display_data" }]);
  });

  it("does not count the start of the checker as a cell's time", async () => {
    const run = await runNotebook(notebookOf("const a: number = 'x'"), { checkTypes: true, timeout: 1.5 });
    expect([run.failure, run.problems.length, run.unchecked]).toEqual([undefined, 1, []]);
  });

  it("is off by default, whatever the types are", async () => {
    const { notebook, problems } = await runNotebook(notebookOf("const a: number = 'x';"));
    expect([outputs(notebook), problems]).toEqual([[[]], []]);
  });

  it("wants this package's own kernel", async () => {
    const refused = runNotebook(notebookOf("1"), { checkTypes: true, kernel: "python3", name: "n.ipynb" });
    await expect(refused).rejects.toThrow(InputError);
  });
});
