import { expect, it } from "vitest";
import type { Publication } from "../../protocol/messages.ts";
import type { StartMode } from "../check-line.ts";
import type { LanguageService } from "../language/language-service.ts";
import type { TypeProblem } from "../language/link.ts";
import type { CellOutcome } from "../link.ts";
import { Drafts } from "../magics/drafts.ts";
import { createTypeChecks, type TypeChecks } from "../type-checks.ts";

const ok: CellOutcome = { status: "ok", payload: [], userExpressions: {}, output: null };

/** Type checks over a service that answers every check alike. */
function open(
  start: StartMode,
  answer: readonly TypeProblem[] | undefined,
): { checks: TypeChecks; data: () => unknown[]; checked: number[]; refused: number[] } {
  const published: Publication[] = [];
  const checked: number[] = [];
  const refused: number[] = [];
  const language: LanguageService = {
    complete: (_, cursor) => Promise.resolve({ start: cursor, end: cursor, items: [] }),
    inspect: () => Promise.resolve(undefined),
    ran: () => undefined,
    refused: (cell) => refused.push(cell),
    checkLater: () => undefined,
    giveUp: () => undefined,
    check(cell) {
      checked.push(cell);
      return Promise.resolve(answer);
    },
  };
  const publish = (_: number, publication: Publication): number => published.push(publication);
  const checks = createTypeChecks({ language, drafts: new Drafts(), publish, start, session: "test" });
  checks.begin({ cell: 1, shown: "[1]", code: "1", silent: false });
  const data = (): unknown[] => published.map(({ content }) => (content as { readonly data: unknown }).data);
  return { checks, data, checked, refused };
}

it("a cell that could not be checked is reported, and an error where problems are", async () => {
  const report = open("report", undefined);
  expect(await report.checks.end(1, ok)).toBeUndefined();
  expect(report.data()).toEqual([{ "application/vnd.veelab.problems+json": null }]);
  expect(await open("error", undefined).checks.end(1, ok)).toMatchObject({
    ename: "TypeCheckError",
    evalue: "the types of this cell could not be checked",
  });
  const clean = open("report", []);
  await clean.checks.end(1, ok);
  expect(clean.data()).toEqual([]);
});

it("a cell that throws a SyntaxError of its own is checked, one that was refused is not", async () => {
  const error = { status: "error", ename: "SyntaxError", evalue: "", traceback: [] } as const;
  const own = open("report", []);
  await own.checks.end(1, error);
  expect([own.checked, own.refused]).toEqual([[1], []]);
  const refused = open("report", []);
  await refused.checks.end(1, { ...error, refused: true });
  expect([refused.checked, refused.refused]).toEqual([[], [1]]);
});
