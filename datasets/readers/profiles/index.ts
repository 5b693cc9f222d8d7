import type { TraceFormat } from "../../formats/format.ts";

/** Profiles, counters and VM exits. */
export const profilesFormats: readonly TraceFormat[] = [];
