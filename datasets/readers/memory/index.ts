import type { TraceFormat } from "../../formats/format.ts";
import { drmemtrace } from "./drmemtrace.ts";
import { lackey } from "./lackey.ts";

/** Memory references. */
export const memoryFormats: readonly TraceFormat[] = [lackey, drmemtrace];
