import type * as arrow from "apache-arrow";
import { show, TraceFormatError } from "../errors.ts";
import { formatKey } from "../read-trace.ts";
import { originKey } from "./zero.ts";

/** Whether a trace is known to be of another format. */
export const isForeign = ({ metadata }: arrow.Schema, format: string): boolean =>
  (metadata.get(formatKey) ?? format) !== format;

/**
 * Makes a format's own time stamps of a batch's times: whole `tickNs` since the zero that the file had. A trace of another format, whose
 * zero counts in other units and from another day, is written from zero. What is finer than a tick is cut off.
 */
export function timeStamps(schema: arrow.Schema, format: string, tickNs: number): (ns: number) => bigint {
  const origin = isForeign(schema, format) ? 0n : BigInt(schema.metadata.get(originKey) ?? 0);
  return (ns) => {
    const stamp = Number.isFinite(ns) ? origin + BigInt(Math.floor(ns / tickNs)) : -1n;
    if (stamp >= 0n) return stamp;
    throw new TraceFormatError(
      { file: `to ${format}` },
      `expected times that are not before the trace's zero, got ${show(ns)} ns`,
    );
  };
}
