import type { TraceFormat } from "../../formats/format.ts";

/** Noise, MPI and task costs. */
export const hpcFormats: readonly TraceFormat[] = [];
