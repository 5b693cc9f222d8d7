import type { TraceFormat } from "../../formats/format.ts";

/** Memory references. */
export const memoryFormats: readonly TraceFormat[] = [];
