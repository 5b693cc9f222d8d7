import type { Failure } from "../run-notebook.ts";
import type { About } from "./about.ts";
import type { Comparison } from "./comparison.ts";

/** What a notebook says of papers. */
export interface NotebookResults {
  /** The file's name without its extension. */
  readonly name: string;
  /** Its first heading, or its name. */
  readonly title: string;
  readonly comparisons: readonly Comparison[];
  /** What its author says of the paper. */
  readonly about: About;
}

/** A notebook that was run for the report. */
export interface NotebookRun extends NotebookResults {
  /** Why it did not run to its end, as a sentence; undefined when it did. */
  readonly failure: string | undefined;
  /** Whether there is a page of it: not of a file that is no notebook. */
  readonly page: boolean;
  /** Whether its results are those of an earlier report, as nothing has changed. */
  readonly kept: boolean;
  /** What its run took. */
  readonly seconds: number;
}

/** A paper with its comparisons, from whichever notebooks they come. */
export interface Paper {
  readonly name: string;
  /** The title of the notebook that holds most of its comparisons. */
  readonly title: string;
  readonly notebooks: readonly NotebookResults[];
  readonly comparisons: readonly Comparison[];
}

/** Groups the comparisons of all notebooks by paper, in the order in which they first appear. */
export function papersOf(runs: readonly NotebookResults[]): Paper[] {
  const names = [...new Set(runs.flatMap((run) => run.comparisons.map(({ paper }) => paper)))];
  return names.map((name) => {
    const of = (run: NotebookResults): Comparison[] => run.comparisons.filter(({ paper }) => paper === name);
    const notebooks = runs.filter((run) => of(run).length > 0).sort((a, b) => of(b).length - of(a).length);
    return { name, title: notebooks[0]?.title ?? name, notebooks, comparisons: notebooks.flatMap(of) };
  });
}

/** A failure as the sentence that the report shows. */
export function failureSentence({ cell, line, message }: Failure): string {
  return `cell ${cell} (${line}): ${message}`;
}
