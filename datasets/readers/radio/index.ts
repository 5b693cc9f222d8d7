import type { TraceFormat } from "../../formats/format.ts";

/** Radio. */
export const radioFormats: readonly TraceFormat[] = [];
