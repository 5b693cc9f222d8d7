import { deserialize, serialize } from "node:v8";
import type { Outcome } from "./back-end.ts";

/** An outcome as a text without line breaks: as a structured clone has it, so NaN, -0 and infinities stay. Linear. */
export const encodeOutcome = (outcome: Outcome): string => serialize(outcome).toString("base64");

/** What {@link encodeOutcome} gave. */
export const decodeOutcome = (text: string): Outcome => deserialize(Buffer.from(text, "base64")) as Outcome;
