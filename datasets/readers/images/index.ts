import type { TraceFormat } from "../../formats/format.ts";

/** Memory images and code. */
export const imagesFormats: readonly TraceFormat[] = [];
