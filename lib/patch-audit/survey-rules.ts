import type { UpdatedFile } from "./survey.ts";

/**
 * Which files of an update count, and which of these hold machine code. The paper's rule is not known.
 *
 * @example
 * ```ts
 * import { allChanged, type SurveyRule } from "veelab/patch-audit";
 * const scriptsToo: SurveyRule = { ...allChanged, label: "libraries alone are binary", isBinary: ({ kind }) => kind === "library" };
 * console.log(scriptsToo.label);
 * ```
 */
export interface SurveyRule {
  /** Name in tables and charts. */
  readonly label: string;
  /** Whether the file counts. */
  readonly counts: (file: UpdatedFile) => boolean;
  /** Whether it holds machine code. */
  readonly isBinary: (file: UpdatedFile) => boolean;
}

const machineCode: readonly string[] = ["program", "library", "object"];
const isBinary = ({ kind }: UpdatedFile): boolean => machineCode.includes(kind);
const isChanged = ({ change }: UpdatedFile): boolean => change === "changed";

/**
 * All files that both versions have, with different content.
 *
 * @example
 * ```ts
 * import { allChanged } from "veelab/patch-audit";
 * const file = { package: "a", source: "a", suite: "bookworm-security", path: "usr/share/doc/a", kind: "documentation", change: "changed" };
 * console.log(allChanged.counts(file), allChanged.isBinary(file)); // true false
 * ```
 */
export const allChanged: SurveyRule = { label: "all changed files", counts: isChanged, isBinary };

/**
 * Changed files without documentation (usr/share/doc, info, help).
 *
 * @example
 * ```ts
 * import { withoutDocumentation } from "veelab/patch-audit";
 * console.log(withoutDocumentation.label); // without documentation
 * ```
 */
export const withoutDocumentation: SurveyRule = {
  label: "without documentation",
  counts: (file) => isChanged(file) && file.kind !== "documentation",
  isBinary,
};

/**
 * Changed files without documentation and manuals.
 *
 * @example
 * ```ts
 * import { withoutManuals } from "veelab/patch-audit";
 * console.log(withoutManuals.label); // without documentation and manuals
 * ```
 */
export const withoutManuals: SurveyRule = {
  label: "without documentation and manuals",
  counts: (file) => withoutDocumentation.counts(file) && file.kind !== "manual",
  isBinary,
};
