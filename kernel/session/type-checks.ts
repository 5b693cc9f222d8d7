import type { ErrorContent, Publication } from "../protocol/messages.ts";
import { readCheckLine, type StartMode } from "./check-line.ts";
import type { LanguageService } from "./language/language-service.ts";
import type { RanCell, TypeProblem } from "./language/link.ts";
import type { CellOutcome } from "./link.ts";
import type { Drafts } from "./magics/drafts.ts";
import { problemsDisplay, problemsError, problemsReport } from "./type-report.ts";

/** The type checks of a session: when a cell is checked and what becomes of its problems. */
export interface TypeChecks {
  /**
   * A cell is about to run.
   *
   * @returns its code as it is to be run
   * @throws CheckLineError
   */
  begin(cell: RanCell & { readonly silent: boolean }): string;
  /** A cell has ended and its outputs are out. Gives the error that its types make of its end, if they do. */
  end(cell: number, outcome: CellOutcome): Promise<ErrorContent | undefined>;
  /** Takes problems that were asked for later, or have changed. */
  problems(cell: number, problems: readonly TypeProblem[]): void;
}

/** What type checks are made of. */
export interface TypeCheckParts {
  readonly language: LanguageService;
  readonly drafts: Drafts;
  /** Publishes under a cell. */
  readonly publish: (cell: number, publication: Publication) => void;
  /** Where it is given, problems come before the reply; see `checkVariable`. */
  readonly start: StartMode | undefined;
  /** In the names of displays: front ends keep displays of a kernel that ran before. */
  readonly session: string;
}

interface Checked {
  readonly source: string;
  readonly mode: StartMode;
  displayed: boolean;
}

/** Makes the type checks of a session. */
export function createTypeChecks({ language, drafts, publish, start, session }: TypeCheckParts): TypeChecks {
  const headless = start !== undefined;
  let mode: StartMode = start ?? "warn";
  /** Cells whose problems are to come, or are shown and may change. */
  const cells = new Map<number, Checked>();
  /** The language service has what runs: a cell need not wait for that. */
  let told: Promise<void> | undefined;

  const show = (cell: number, problems: readonly TypeProblem[] | undefined): void => {
    const checked = cells.get(cell);
    if (checked === undefined || (problems?.length === 0 && !checked.displayed)) return;
    const data = checked.mode === "report" ? problemsReport(problems) : problemsDisplay(problems, checked.source);
    publish(cell, {
      type: checked.displayed ? "update_display_data" : "display_data",
      content: { data, metadata: {}, transient: { display_id: `veelab-types-${session}-${cell}` } },
    });
    checked.displayed = true;
  };

  return {
    begin({ silent, ...ran }) {
      const read = readCheckLine(ran.code);
      mode = read.mode ?? mode;
      told = drafts.ran(read.code, (text) => {
        language.ran({ ...ran, code: text });
      });
      if (!silent && mode !== "off") cells.set(ran.cell, { source: ran.code, mode, displayed: false });
      return read.code;
    },
    async end(cell, outcome) {
      if (told !== undefined) await told;
      if (outcome.status === "error" && outcome.refused === true) {
        language.refused(cell);
        cells.delete(cell);
        return undefined;
      }
      const checked = cells.get(cell);
      if (!headless && checked?.mode !== "error") {
        // Also where nothing is shown, as under a silent cell: a cell that was checked costs the ones after it less.
        if (mode !== "off") language.checkLater(cell);
        return undefined;
      }
      if (checked === undefined) return undefined;
      const problems = await language.check(cell);
      if (checked.mode === "error" && outcome.status === "ok" && problems?.length !== 0) {
        cells.delete(cell);
        return problemsError(problems, checked.source);
      }
      show(cell, problems);
      return undefined;
    },
    problems(cell, problems) {
      show(cell, problems);
    },
  };
}
