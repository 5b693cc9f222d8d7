import { expect, it } from "vitest";
import { problemsReport } from "../../session/type-report.ts";
import type { Json, JsonObject } from "../../protocol/json.ts";
import type { Notebook } from "../notebook.ts";
import { takeProblems } from "../type-problems.ts";

it("a cell that could not be checked is not one without problems", () => {
  const cell = (data: JsonObject): Notebook["cells"][number] => ({
    cell_type: "code",
    id: "c",
    metadata: {},
    source: "1",
    execution_count: 1,
    outputs: [{ output_type: "display_data", data, metadata: {} }],
  });
  const report = (problems: Parameters<typeof problemsReport>[0]): JsonObject =>
    JSON.parse(JSON.stringify(problemsReport(problems))) as Record<string, Json>;
  const cells = [cell(report([])), cell(report(undefined))];
  const taken = takeProblems({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
  expect([taken.problems, taken.unchecked]).toEqual([[], [2]]);
  expect(taken.notebook.cells).toMatchObject([{ outputs: [] }, { outputs: [] }]);
});
