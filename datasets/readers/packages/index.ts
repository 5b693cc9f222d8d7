import type { TraceFormat } from "../../formats/format.ts";

/** Packages. */
export const packagesFormats: readonly TraceFormat[] = [];
