import type { Outcome } from "../back-end.ts";
import { decodeOutcome, encodeOutcome } from "../encode-outcome.ts";

/** A point that a task has ended. */
export interface OutcomeRecord {
  readonly kind: "outcome";
  readonly index: number;
  /** How long it took. */
  readonly seconds: number;
  /** Whether the start of its thread is in that. */
  readonly isCold: boolean;
  readonly outcome: Outcome;
}

/** What a task tells its coordinator: that it begins, that it runs nothing and why, or what came of a point. */
export type TaskRecord =
  { readonly kind: "began" } | { readonly kind: "refused"; readonly sentence: string } | OutcomeRecord;

/** A record as a line of a log. */
export function writeRecord(record: TaskRecord): string {
  switch (record.kind) {
    case "began":
      return "began";
    case "refused":
      return `refused ${JSON.stringify(record.sentence)}`;
    case "outcome":
      return `${record.isCold ? "cold" : "warm"} ${record.index} ${record.seconds} ${encodeOutcome(record.outcome)}`;
  }
}

/** What {@link writeRecord} gave. */
export function readRecord(line: string): TaskRecord {
  const [kind = "", ...rest] = line.split(" ");
  if (kind === "began") return { kind };
  if (kind === "refused") return { kind, sentence: JSON.parse(rest.join(" ")) as string };
  const [index = "", seconds = "", outcome = ""] = rest;
  return {
    kind: "outcome",
    index: Number(index),
    seconds: Number(seconds),
    isCold: kind === "cold",
    outcome: decodeOutcome(outcome),
  };
}
