import { type AuditCosts, type CodeFile, type EventBatch, eventKinds, none } from "../index.ts";

/** Round prices, so that sums can be done by hand. */
export const round: AuditCosts = { label: "round", exitUs: 1, hashUs: 10, lookupUs: 0.5, rehashUs: 2 };

/** An event: when, what, in which space, on which page, and what else its kind needs. */
export type Row = readonly [
  us: number,
  kind: (typeof eventKinds)[number],
  space: number,
  page: number,
  rest?: { at?: number; hash?: number; to?: number; file?: number },
];

/** Events as a batch. */
export const batch = (rows: readonly Row[]): EventBatch => ({
  timeNs: Float64Array.from(rows, ([us]) => us * 1000),
  kind: Uint8Array.from(rows, ([, kind]) => eventKinds.indexOf(kind)),
  space: Uint32Array.from(rows, ([, , space]) => space),
  page: Uint32Array.from(rows, ([, , , page]) => page),
  virtualPage: Float64Array.from(rows, ([, , , , rest]) => rest?.at ?? 0),
  hash: Uint32Array.from(rows.flatMap(([, , , , rest]) => [rest?.hash ?? 0, 0])),
  to: Uint32Array.from(rows, ([, , , , rest]) => rest?.to ?? none),
  file: Uint32Array.from(rows, ([, , , , rest]) => rest?.file ?? none),
});

/** A version of a file, by its pages' hashes. */
export const version = (
  file: string,
  release: "old" | "new",
  hashes: readonly bigint[],
  addressPages: readonly number[] = hashes.map((_, at) => at),
): CodeFile => ({ package: file, version: release === "old" ? "1" : "2", release, file, addressPages, hashes });

/** Two pages in two versions: the first is the same in both. */
export const library: readonly CodeFile[] = [version("lib", "old", [1n, 2n]), version("lib", "new", [1n, 3n])];
