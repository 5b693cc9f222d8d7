/**
 * A number that stands in print and bears on the paper; see {@link publishedNumbers}.
 *
 * @example
 * ```ts
 * import { type PublishedNumber, publishedNumbers } from "veelab/hybrid-rewriting";
 * const known = (rows: readonly PublishedNumber[]): number => rows.filter(({ value }) => value !== null).length;
 * console.log(known(publishedNumbers)); // 3
 * ```
 */
export interface PublishedNumber {
  /** What. */
  readonly quantity: string;
  /** In which unit. */
  readonly unit: string;
  /** The number; null where none is known. */
  readonly value: number | null;
  /** How it bounds the quantity. */
  readonly relation: "about" | "at most" | "at least";
  /** Where it stands, with its mark. */
  readonly source: string;
}

const paper = "the paper's evaluation was not at hand; its abstract has no number";
const ppin = "Persistent Pin [found: its abstract, as told by a third party]";

/**
 * What the paper's evaluation must have, of which no number is known, and three numbers of others: Persistent Pin's savings and Pin's overhead without a tool.
 *
 * @example
 * ```ts
 * import { publishedNumbers } from "veelab/hybrid-rewriting";
 * console.log(publishedNumbers.filter(({ value }) => value === null).length); // 5
 * ```
 */
export const publishedNumbers: readonly PublishedNumber[] = [
  { quantity: "run time, passive against native", unit: "", value: null, relation: "about", source: paper },
  { quantity: "run time, dynamic against native", unit: "", value: null, relation: "about", source: paper },
  { quantity: "barriers removed by privacy", unit: "%", value: null, relation: "about", source: paper },
  { quantity: "coverage of the cache by a later run", unit: "%", value: null, relation: "about", source: paper },
  { quantity: "overhead of the profiler", unit: "%", value: null, relation: "about", source: paper },
  {
    ...{ quantity: "overhead that keeping translations saves, SPEC", unit: "%", value: 25 },
    ...{ relation: "at most", source: ppin },
  },
  {
    ...{ quantity: "overhead that keeping translations saves, everyday applications", unit: "%", value: 90 },
    ...{ relation: "at least", source: ppin },
  },
  {
    ...{ quantity: "overhead of Pin without a tool, June 2010", unit: "%", value: 30 },
    ...{ relation: "about", source: "a copy of Wikipedia [found]" },
  },
];
