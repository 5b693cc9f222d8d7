import { SimulationError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions } from "../core/options.ts";
import { random } from "../core/random.ts";
import { quantile } from "../core/stats.ts";
import { recordBatches, type TableBatches, wordsIn } from "./read-database.ts";
import type { SurveyRule } from "./survey-rules.ts";

/**
 * A file of a package in two versions, as `packages/security-updates` has it.
 *
 * @example
 * ```ts
 * import type { UpdatedFile } from "veelab/patch-audit";
 * const script: UpdatedFile = {
 *   package: "perl-base", source: "perl", suite: "bookworm-security", path: "usr/lib/x/Config_heavy.pl", kind: "script", change: "changed",
 * };
 * console.log(script.kind);
 * ```
 */
export interface UpdatedFile {
  /** The package. */
  readonly package: string;
  /** The source package, whose packages are updated together. */
  readonly source: string;
  /** Where the new version comes from. */
  readonly suite: string;
  /** The path from the root directory. */
  readonly path: string;
  /** What it is: program, library, object, byte code, script, manual, documentation, configuration, other. */
  readonly kind: string;
  /** unchanged, changed, added or removed. */
  readonly change: string;
}

type Word = (row: number) => string;

/**
 * Reads the rows of a table as `packages/security-updates`. Linear time.
 *
 * @throws OptionError for a column that is missing
 *
 * @example
 * ```ts
 * import { stream } from "veelab/datasets";
 * import { updatedFiles } from "veelab/patch-audit";
 * const files = await updatedFiles(stream("packages/security-updates"));
 * console.log(files.length > 20_000); // true
 * ```
 */
export async function updatedFiles(table: TableBatches): Promise<UpdatedFile[]> {
  const files: UpdatedFile[] = [];
  for await (const batch of recordBatches(table)) {
    const [of, source, suite, path, kind, change] = (
      ["package", "source", "suite", "path", "kind", "change"] as const
    ).map((name) => wordsIn(batch, name)) as [Word, Word, Word, Word, Word, Word];
    for (let row = 0; row < batch.numRows; row += 1)
      files.push({
        ...{ package: of(row), source: source(row), suite: suite(row) },
        ...{ path: path(row), kind: kind(row), change: change(row) },
      });
  }
  return files;
}

/**
 * The share of files without machine code under one rule.
 *
 * @example
 * ```ts
 * import type { SurveyRow } from "veelab/patch-audit";
 * const covers = ({ lowPct, highPct }: SurveyRow): boolean => lowPct <= 64 && 64 <= highPct;
 * console.log(typeof covers);
 * ```
 */
export type SurveyRow = {
  /** The rule's label. */
  readonly rule: string;
  /** Packages with a file that counts. */
  readonly packages: number;
  /** Files that count. */
  readonly files: number;
  /** Of these, those without machine code. */
  readonly nonBinary: number;
  /** Their share: a ratio of sums over all packages, %. */
  readonly sharePct: number;
  /** Lower end of the 95 % interval of the share by bootstrap of whole packages, %. */
  readonly lowPct: number;
  /** Upper end. */
  readonly highPct: number;
  /** The share of the median package, %. */
  readonly medianPct: number;
  /** Largest share of the counted files that come from one package, %. */
  readonly largestPackagePct: number;
};

/**
 * How many of the files that updates modify hold no machine code. The interval is the percentile bootstrap (Efron) over
 * packages, or over source packages: files of one update are anything but independent. O(files + resamples × packages).
 *
 * @param options - `seed`; `resamples`, 2000 when not given; `by` what is resampled: `package` when not given, or `source`
 * @throws SimulationError when no file counts
 *
 * @example
 * ```ts
 * import { stream } from "veelab/datasets";
 * import { survey, updatedFiles, withoutManuals } from "veelab/patch-audit";
 * const files = await updatedFiles(stream("packages/security-updates"));
 * const { lowPct, sharePct, highPct } = survey(files, withoutManuals, { seed: 1 });
 * console.log(lowPct < sharePct && sharePct < highPct); // true
 * ```
 */
export function survey(
  files: Iterable<UpdatedFile>,
  rule: SurveyRule,
  options: {
    readonly seed: number | string;
    readonly resamples?: number;
    readonly by?: "package" | "source";
  },
): SurveyRow {
  onlyOptions(options, ["seed", "resamples", "by"]);
  const resamples = integer("resamples", options.resamples ?? 2000, { min: 1 });
  const by = oneOf("by", options.by ?? "package", ["package", "source"]);
  const groups = new Map<string, { files: number; nonBinary: number }>();
  for (const file of files) {
    if (!rule.counts(file)) continue;
    const group = groups.get(file[by]) ?? { files: 0, nonBinary: 0 };
    groups.set(file[by], group);
    group.files += 1;
    if (!rule.isBinary(file)) group.nonBinary += 1;
  }
  const list = [...groups.values()];
  if (list.length === 0) throw new SimulationError("patch-audit", `no file counts under the rule "${rule.label}"`);
  const sharePct = (of: readonly { files: number; nonBinary: number }[]): number => {
    let [all, without] = [0, 0];
    for (const group of of) {
      all += group.files;
      without += group.nonBinary;
    }
    return (100 * without) / all;
  };
  const stream = random(options.seed);
  const shares = Float64Array.from({ length: resamples }, () =>
    sharePct(Array.from(list, () => list[stream.int(list.length)]!)),
  );
  const total = list.reduce((sum, group) => sum + group.files, 0);
  return {
    rule: rule.label,
    packages: list.length,
    files: total,
    nonBinary: list.reduce((sum, group) => sum + group.nonBinary, 0),
    sharePct: sharePct(list),
    lowPct: quantile(shares, 0.025),
    highPct: quantile(shares, 0.975),
    medianPct: quantile(
      list.map((group) => sharePct([group])),
      0.5,
    ),
    largestPackagePct: (100 * Math.max(...list.map((group) => group.files))) / total,
  };
}
